//! JavaScript with fewer bytes: comments at the end of lines, blanks that separate nothing, and ends
//! of lines that end nothing.
//!
//! Guards: no token is touched, and no two are joined; texts stay as they are. What the rules below
//! are not sure of, a slash that may be a regular expression or a template in a template, keeps its
//! blanks. Works on lines, because no text of the modules spans two.

/// A blank next to one of these separates nothing.
const TIGHT: &str = "=(){}[],;:?<>&|*!";
/// After one of these at its end, or before one at its start, the end of a line ends no statement.
const OPEN_ENDS: &str = ";{,([";
const OPEN_STARTS: &str = "})],?:.&|";

/// Lines as one text.
pub(super) fn joined(lines: &[String]) -> String {
    let mut text = String::new();
    for line in lines {
        let goes_on = text.ends_with(|last| OPEN_ENDS.contains(last))
            || line.starts_with(|first| OPEN_STARTS.contains(first));
        if !goes_on && !text.is_empty() {
            text.push('\n');
        }
        text.push_str(line);
    }
    text
}

/// A line without a comment at its end and without blanks that separate nothing.
pub(super) fn line(line: &str) -> String {
    let code = without_comment(line);
    if is_doubtful(code) {
        return code.to_owned();
    }
    let mut tight = String::with_capacity(code.len());
    let mut rest = code.chars().peekable();
    let mut quote = Quote::default();
    while let Some(character) = rest.next() {
        let inside = quote.step(character);
        let before = tight.chars().last();
        let after = rest.peek().copied();
        if character == ' ' && !inside && is_needless(before, after) {
            continue;
        }
        tight.push(character);
    }
    tight
}

/// Whether a blank between two characters separates nothing. Signs are kept from meeting signs:
/// `a + +b` is not `a++b`.
fn is_needless(before: Option<char>, after: Option<char>) -> bool {
    let is_tight = |one: Option<char>| one.is_none_or(|one| TIGHT.contains(one));
    let is_sign = |one: Option<char>| one.is_some_and(|one| "+-".contains(one));
    is_tight(before) || is_tight(after) || is_sign(before) != is_sign(after)
}

/// Whether a line holds what is not told by characters alone.
fn is_doubtful(code: &str) -> bool {
    let mut quote = Quote::default();
    let slash = code
        .chars()
        .any(|character| !quote.step(character) && character == '/');
    slash || code.contains('\'') || code.matches('`').count() > 2
}

fn without_comment(line: &str) -> &str {
    let mut quote = Quote::default();
    for (at, character) in line.char_indices() {
        let rest = line.get(at..).unwrap_or_default();
        if !quote.step(character) && rest.starts_with(" //") {
            return line.get(..at).unwrap_or(line);
        }
    }
    line
}

/// Where in a line a text stands.
#[derive(Default)]
struct Quote {
    open: Option<char>,
    is_escaped: bool,
}

impl Quote {
    /// Takes the next character; whether it belongs to a text.
    fn step(&mut self, character: char) -> bool {
        match self.open {
            None => {
                self.open = "\"'`".contains(character).then_some(character);
                self.open.is_some()
            }
            Some(_) if self.is_escaped => {
                self.is_escaped = false;
                true
            }
            Some(quote) => {
                self.is_escaped = character == '\\';
                if character == quote {
                    self.open = None;
                }
                true
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blanks_that_separate_nothing_go_and_others_stay() {
        for (given, expected) in [
            ("const a = b + c;", "const a=b+c;"),
            ("return a + +b - -c;", "return a+ +b- -c;"),
            ("x = i++ + j;", "x=i++ +j;"),
            ("if (a in b) return [a, b];", "if(a in b)return[a,b];"),
            (
                "say(\"a  =  b // c\", 1); // why",
                "say(\"a  =  b // c\",1);",
            ),
            ("const t = `a ${b} = c`;", "const t=`a ${b} = c`;"),
            ("const t = `a ${`b = c`}`;", "const t = `a ${`b = c`}`;"),
            ("t = /a = [b\"]/.test(c);", "t = /a = [b\"]/.test(c);"),
            ("const q = a / b; // half", "const q = a / b;"),
            ("s = \"a \\\" = b\" + c;", "s=\"a \\\" = b\"+c;"),
        ] {
            assert_eq!(line(given), expected);
        }
    }

    #[test]
    fn lines_are_joined_where_their_end_ends_nothing() {
        let lines = [
            "f(",
            "a,",
            "b",
            ")",
            "g();",
            "class A {",
            "x = 1",
            "}",
            "h()",
        ];
        let lines = lines.map(str::to_owned);
        assert_eq!(joined(&lines), "f(a,b)\ng();class A {x = 1}\nh()");
    }
}
