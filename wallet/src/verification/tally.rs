//! How many of many, by verdict.

use super::statement::JudgedStatement;
use crate::exit::Exit;
use crate::language::Language;

/// What came of everything judged so far.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Tally {
    in_force: u64,
    statements: u64,
    not_in_force: u64,
    false_ones: u64,
    undecided: u64,
    unread: u64,
}

impl Tally {
    /// Counts one verdict.
    pub(crate) fn verdict(&mut self, exit: Exit) {
        let count = match exit {
            Exit::Ok => &mut self.in_force,
            Exit::NotInForce => &mut self.not_in_force,
            Exit::False => &mut self.false_ones,
            _ => &mut self.undecided,
        };
        *count = count.saturating_add(1);
    }

    /// Counts what a statement came to: one that holds is no invoice in force, whether it was asked
    /// for or not.
    pub(crate) fn statement(&mut self, judged: &JudgedStatement) {
        if judged.holds() {
            self.statements = self.statements.saturating_add(1);
        } else {
            self.verdict(judged.exit());
        }
    }

    /// Counts one that nothing could be said of.
    pub(crate) fn unread(&mut self) {
        self.unread = self.unread.saturating_add(1);
    }

    /// One line: how many there are, and what they came to. What did not occur is left out.
    pub(crate) fn line(&self, language: Language, worst: Exit) -> String {
        let parts = [
            (self.in_force, "in force", "有效"),
            (self.statements, "of a statement that holds", "声明成立"),
            (self.not_in_force, "not in force", "不再有效"),
            (self.false_ones, "false", "虚假"),
            (self.undecided, "undecided", "无法判断"),
            (self.unread, "without a verdict", "没有结论"),
        ];
        let total: u64 = parts.iter().map(|(count, _, _)| count).sum();
        let said: Vec<String> = parts
            .iter()
            .filter(|(count, _, _)| *count > 0)
            .map(|(count, en, zh)| format!("{count} {}", language.pick(en, zh)))
            .collect();
        let code = worst.code();
        language.pick(
            format!(
                "{total} judged: {}; the worst: exit {code}",
                said.join(", ")
            ),
            format!("共 {total} 份：{}；最差：退出码 {code}", said.join("、")),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_counts_every_kind_that_occurs() {
        let mut tally = Tally::default();
        for exit in [
            Exit::Ok,
            Exit::Ok,
            Exit::False,
            Exit::NotInForce,
            Exit::Undecided,
        ] {
            tally.verdict(exit);
        }
        tally.unread();
        assert_eq!(
            tally.line(Language::En, Exit::False),
            "6 judged: 2 in force, 1 not in force, 1 false, 1 undecided, 1 without a verdict; \
             the worst: exit 5"
        );
        let mut good = Tally::default();
        good.verdict(Exit::Ok);
        assert_eq!(
            good.line(Language::Zh, Exit::Ok),
            "共 1 份：1 有效；最差：退出码 0"
        );
    }
}
