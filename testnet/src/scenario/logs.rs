//! What nodes say in their logs, one JSON object a line.

use serde_json::Value;

use super::world::{Accusation, ByzantineSeen, NodeSeen};

/// What a node says of a validator that contradicted itself.
const ACCUSATIONS: [&str; 2] = [
    "validator signed two contradicting messages",
    "validator signed two different things",
];

/// Reads the log of a node that keeps the rules: lines that none should have, and how often it says
/// that it forgot what it signed.
pub(crate) fn read_honest(node: &mut NodeSeen, log: &str) {
    for line in log.lines() {
        if line.contains("panicked") {
            node.panics.push(line.to_owned());
        }
        if ACCUSATIONS.iter().any(|words| line.contains(words)) {
            node.misconduct.push(Accusation {
                validator: field(line, "validator"),
                line: line.to_owned(),
            });
        }
        node.refused += usize::from(line.contains("block refused"));
        node.said_it_forgot += usize::from(line.contains("has no memory of what it signed"));
    }
}

/// Reads the log of one that was to break them: what it did on purpose.
pub(crate) fn read_byzantine(node: &mut ByzantineSeen, log: &str) {
    for line in log.lines().filter(|line| line.contains("on purpose: ")) {
        if line.contains("this node breaks the rules") {
            node.id = field(line, "me");
        }
        if line.contains("a second ") {
            node.contradictions += 1;
        }
        if line.contains("an invalid block") {
            node.spoilt.push(field(line, "block_id"));
        }
    }
}

/// A field of a line; empty when it has none.
fn field(line: &str, name: &str) -> String {
    let line: Value = serde_json::from_str(line).unwrap_or_default();
    let field = line.get("fields").and_then(|fields| fields.get(name));
    field.and_then(Value::as_str).unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_is_searched_for_what_none_should_say() {
        let mut node = NodeSeen::default();
        let contradicting = "{\"fields\":{\"message\":\"a validator signed two contradicting messages\",\
                             \"validator\":\"cd34\"}}\n";
        read_honest(&mut node, contradicting);
        assert_eq!(node.misconduct.remove(0).validator, "cd34");
        let log = "all is well\nthread 'main' panicked at x.rs\n\
                   {\"fields\":{\"message\":\"validator signed two different things\",\
                   \"height\":3,\"validator\":\"ab12\"}}\n\
                   this validator has no memory of what it signed\n\
                   {\"fields\":{\"message\":\"block refused\"}}\n";
        read_honest(&mut node, log);
        assert_eq!((node.panics.len(), node.misconduct.len()), (1, 1));
        assert_eq!(node.misconduct[0].validator, "ab12");
        assert_eq!((node.said_it_forgot, node.refused), (1, 1));
    }

    #[test]
    fn a_byzantine_node_says_who_it_is_and_what_it_did() {
        let mut node = ByzantineSeen::default();
        let log = "{\"fields\":{\"message\":\"on purpose: this node breaks the rules\",\"me\":\"ab\"}}\n\
                   {\"fields\":{\"message\":\"on purpose: a second vote\",\"height\":3}}\n\
                   {\"fields\":{\"message\":\"on purpose: an invalid block\",\"block_id\":\"cd\"}}\n\
                   {\"fields\":{\"message\":\"a second thought\"}}\n";
        read_byzantine(&mut node, log);
        assert_eq!((node.id.as_str(), node.contradictions), ("ab", 1));
        assert_eq!(node.spoilt, ["cd"]);
    }
}
