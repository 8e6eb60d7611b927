//! One line for people, made of pieces with a tone.
//!
//! Guards: colour is never the only signal, and foreign text never carries a colour of its own.

use std::fmt::Write as _;

use super::plain;

/// How a piece of a line is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tone {
    /// As it is.
    Plain,
    /// It holds.
    Good,
    /// It does not hold.
    Bad,
    /// Look twice.
    Careful,
    /// Of less weight.
    Faint,
    /// Of more weight.
    Strong,
}

impl Tone {
    const fn escape(self) -> Option<&'static str> {
        match self {
            Self::Plain => None,
            Self::Good => Some("\u{1b}[32m"),
            Self::Bad => Some("\u{1b}[31m"),
            Self::Careful => Some("\u{1b}[33m"),
            Self::Faint => Some("\u{1b}[2m"),
            Self::Strong => Some("\u{1b}[1m"),
        }
    }
}

/// A line in the making. Every piece is made harmless as it is added.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Line {
    pieces: Vec<(Tone, String)>,
}

impl Line {
    /// An empty line.
    #[must_use]
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// A line of plain text.
    #[must_use]
    pub(crate) fn of(text: &str) -> Self {
        Self::new().add(Tone::Plain, text)
    }

    /// Adds a piece.
    #[must_use]
    pub(crate) fn add(mut self, tone: Tone, text: &str) -> Self {
        self.pieces.push((tone, plain(text).into_owned()));
        self
    }

    /// Adds a piece that fills at least `columns` columns.
    #[must_use]
    pub(crate) fn column(self, tone: Tone, text: &str, columns: usize) -> Self {
        let padding = columns.saturating_sub(width(text));
        self.add(tone, text).add(Tone::Plain, &" ".repeat(padding))
    }

    /// Adds another line's pieces.
    #[must_use]
    pub(crate) fn join(mut self, other: Self) -> Self {
        self.pieces.extend(other.pieces);
        self
    }

    /// The line as bytes for a terminal, with or without colour.
    #[must_use]
    pub(crate) fn render(&self, colour: bool) -> String {
        let mut text = String::new();
        for (tone, piece) in &self.pieces {
            match tone.escape().filter(|_| colour) {
                Some(escape) => {
                    // Writing to a String cannot fail.
                    let _infallible = write!(text, "{escape}{piece}\u{1b}[0m");
                }
                None => text.push_str(piece),
            }
        }
        text
    }
}

/// Columns a text fills: Chinese characters and full-width punctuation fill two.
fn width(text: &str) -> usize {
    text.chars()
        .map(|c| match c {
            '\u{1100}'..='\u{115f}'
            | '\u{2e80}'..='\u{a4cf}'
            | '\u{ac00}'..='\u{d7a3}'
            | '\u{f900}'..='\u{faff}'
            | '\u{fe30}'..='\u{fe4f}'
            | '\u{ff00}'..='\u{ff60}'
            | '\u{ffe0}'..='\u{ffe6}'
            | '\u{20000}'..='\u{3fffd}' => 2,
            _ => 1,
        })
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chinese_and_english_labels_fill_the_same_columns() {
        assert_eq!(width("税额计算"), 8);
        let line = Line::new()
            .column(Tone::Plain, "税额", 6)
            .add(Tone::Plain, "x");
        assert_eq!(line.render(false), "税额  x");
    }

    #[test]
    fn colour_is_only_there_when_asked_for() {
        let line = Line::new()
            .add(Tone::Good, "✓")
            .add(Tone::Plain, " a\u{1b}b");
        assert_eq!(line.render(false), "✓ a\u{fffd}b");
        assert_eq!(line.render(true), "\u{1b}[32m✓\u{1b}[0m a\u{fffd}b");
    }
}
