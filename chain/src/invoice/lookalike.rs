//! Letters that look like others.
//!
//! Guards: a name that reads like another company's. A word of Latin letters that also holds a
//! Cyrillic letter, or a Greek one of Latin shape, is refused: no language writes such words, while
//! `kΩ`, `μF` and `TNFα` are in use and pass. What merely may mislead is a warning: words of
//! Cyrillic or Greek letters that all have Latin shape, full-width letters and digits, and radicals
//! that copying from a page leaves in place of ideographs.
//! Source: the blocks of Scripts.txt and the whole-letter pairs of confusables.txt (UTS #39).

/// Cyrillic and Greek letters with the shape of a Latin one.
const LATIN_SHAPES: &str = "АВЕКМНОРСТУХаеорсухΑΒΕΖΗΙΚΜΝΟΡΤΥΧον";

/// Scripts of letters that take each other's shapes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Script {
    Latin,
    Greek,
    Cyrillic,
}

fn script_of(character: char) -> Option<Script> {
    match character {
        'A'..='Z' | 'a'..='z' | 'ª' | 'º' | 'À'..='Ö' | 'Ø'..='ö' | 'ø'..='\u{2AF}' => {
            Some(Script::Latin)
        }
        '\u{1E00}'..='\u{1EFF}' | '\u{FB00}'..='\u{FB06}' => Some(Script::Latin),
        'Ａ'..='Ｚ' | 'ａ'..='ｚ' => Some(Script::Latin),
        '\u{370}'..='\u{3FF}' | '\u{1F00}'..='\u{1FFF}' => Some(Script::Greek),
        '\u{400}'..='\u{52F}' => Some(Script::Cyrillic),
        _ => None,
    }
}

fn has_latin_shape(character: char) -> bool {
    LATIN_SHAPES.contains(character)
}

/// Runs of letters of these scripts, with the place of their first letter, counted from 0.
fn words(text: &str) -> impl Iterator<Item = Vec<(usize, char)>> {
    let letters: Vec<(usize, char)> = text.chars().enumerate().collect();
    let mut words = Vec::new();
    let mut word = Vec::new();
    for (place, character) in letters {
        if script_of(character).is_some() {
            word.push((place, character));
        } else if !word.is_empty() {
            words.push(core::mem::take(&mut word));
        }
    }
    words.push(word);
    words.into_iter().filter(|word| !word.is_empty())
}

/// The first letter that a word of Latin letters should not hold, and its place from 0.
#[must_use]
pub(super) fn foreign_letter(text: &str) -> Option<(usize, char)> {
    if text.chars().all(|c| !is_greek_or_cyrillic(c)) {
        return None;
    }
    words(text).find_map(|word| {
        let latin = word
            .iter()
            .any(|(_, c)| script_of(*c) == Some(Script::Latin));
        let foreign = |c: char| match script_of(c) {
            Some(Script::Cyrillic) => true,
            Some(Script::Greek) => has_latin_shape(c),
            Some(Script::Latin) | None => false,
        };
        word.into_iter().find(|(_, c)| latin && foreign(*c))
    })
}

/// The first character that may mislead a reader, and its place from 0.
#[must_use]
pub(super) fn misleading(text: &str) -> Option<(usize, char)> {
    let disguised = |character: char| {
        matches!(character,
            'Ａ'..='Ｚ' | 'ａ'..='ｚ' | '０'..='９' | '\u{2E80}'..='\u{2FD5}')
    };
    let first = text.chars().enumerate().find(|(_, c)| disguised(*c));
    first.or_else(|| {
        if text.chars().all(|c| !is_greek_or_cyrillic(c)) {
            return None;
        }
        words(text)
            .find(|word| word.len() > 1 && word.iter().all(|(_, c)| has_latin_shape(*c)))
            .and_then(|word| word.first().copied())
    })
}

fn is_greek_or_cyrillic(character: char) -> bool {
    matches!(script_of(character), Some(Script::Greek | Script::Cyrillic))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_of_two_scripts_is_found_where_it_breaks() {
        assert_eq!(foreign_letter("Аpple"), None.or(Some((0, 'А'))));
        assert_eq!(foreign_letter("上海Gооgle公司"), Some((3, 'о')));
        assert_eq!(foreign_letter("ΑBC"), Some((0, 'Α')));
        for text in [
            "kΩ",
            "5μF",
            "TNFα",
            "γ-GT",
            "Δt",
            "ООО",
            "Москва",
            "A-Б",
            "餐费",
            "é",
        ] {
            assert_eq!(foreign_letter(text), None, "{text}");
        }
    }

    #[test]
    fn what_may_mislead_is_pointed_at() {
        assert_eq!(misleading("АТМ机"), Some((0, 'А')));
        assert_eq!(misleading("型号Ａ1"), Some((2, 'Ａ')));
        assert_eq!(misleading("⼀号"), Some((0, '⼀')));
        for text in ["ATM机", "Москва", "Ω", "餐费（大份）", "Δ"] {
            assert_eq!(misleading(text), None, "{text}");
        }
    }
}
