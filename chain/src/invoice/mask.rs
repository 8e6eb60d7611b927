//! Ids of persons inside other texts.
//!
//! Guards: a fault repeats what was found, replies are logged on their way, and people type
//! resident ids where tax ids belong; so whatever has the form of one is repeated masked.

/// Digits of a resident id before its check character, and of the older form.
const LENGTH: usize = 18;
const OLD_LENGTH: usize = 15;

/// The text with the birth date of every resident id in it hidden: `420102********153X`.
///
/// Form alone decides, not the check character: a mistyped id is as private as a right one.
#[must_use]
pub(super) fn masked(text: &str) -> String {
    let mut characters: Vec<char> = text.chars().collect();
    for place in private_places(&characters) {
        if let Some(character) = characters.get_mut(place) {
            *character = '*';
        }
    }
    characters.into_iter().collect()
}

/// Places of the birth dates. Blanks and hyphens between the digits do not hide an id.
fn private_places(characters: &[char]) -> Vec<usize> {
    let written = characters.iter().enumerate();
    let packed: Vec<(usize, char)> = written
        .filter(|(_, c)| !c.is_whitespace() && **c != '-')
        .map(|(place, c)| (place, narrow(*c)))
        .collect();
    let digits: Vec<Option<u32>> = packed.iter().map(|(_, c)| c.to_digit(10)).collect();
    let runs = digit_runs(&digits);
    let mut found = Vec::new();
    let mut hide = |from: usize, count: usize| {
        let places = packed.iter().skip(from).take(count);
        found.extend(places.map(|(place, _)| *place));
    };
    for (start, &run) in runs.iter().enumerate() {
        let rest = digits.get(start..).unwrap_or_default();
        let last = packed.get(start.saturating_add(LENGTH.saturating_sub(1)));
        let ends_well = last.is_some_and(|(_, c)| c.is_ascii_digit() || matches!(c, 'x' | 'X'));
        if run >= LENGTH.saturating_sub(1) && ends_well && is_date(rest, 6, true) {
            hide(start.saturating_add(6), 8);
        }
        let begins = start == 0 || digits.get(start.saturating_sub(1)) == Some(&None);
        if begins && matches!(run, OLD_LENGTH | 17) && is_date(rest, 6, false) {
            hide(start.saturating_add(6), 6);
        }
    }
    found
}

/// How many digits follow one another from each place on; counted from the end, in one pass.
fn digit_runs(digits: &[Option<u32>]) -> Vec<usize> {
    let mut run = 0_usize;
    let mut runs: Vec<usize> = digits
        .iter()
        .rev()
        .map(|digit| {
            run = digit.map_or(0, |_| run.saturating_add(1));
            run
        })
        .collect();
    runs.reverse();
    runs
}

/// Whether a text holds something with the form of a resident id.
#[must_use]
pub(super) fn holds_resident_id(text: &str) -> bool {
    let characters: Vec<char> = text.chars().collect();
    !private_places(&characters).is_empty()
}

/// Whether `yyyymmdd` (or `yymmdd`) stands at a place; days are not counted by month.
fn is_date(digits: &[Option<u32>], from: usize, with_century: bool) -> bool {
    let number = |from: usize, count: usize| {
        let part = digits.get(from..from.saturating_add(count))?;
        part.iter().try_fold(0_u32, |number, digit| {
            Some(number.saturating_mul(10).saturating_add((*digit)?))
        })
    };
    let (century_holds, month) = if with_century {
        let year = number(from, 4);
        let month = from.saturating_add(4);
        (year.is_some_and(|year| (1800..2200).contains(&year)), month)
    } else {
        (true, from.saturating_add(2))
    };
    century_holds
        && number(month, 2).is_some_and(|month| (1..=12).contains(&month))
        && number(month.saturating_add(2), 2).is_some_and(|day| (1..=31).contains(&day))
}

/// The ASCII of a full-width character.
fn narrow(character: char) -> char {
    match character {
        '\u{FF01}'..='\u{FF5E}' => {
            let ascii = u32::from(character).saturating_sub(0xFEE0);
            char::from_u32(ascii).unwrap_or(character)
        }
        _ => character,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_has_the_form_of_a_resident_id_is_masked() {
        for (text, shown) in [
            ("42010219941113153X", "420102********153X"),
            ("42010219941113153x", "420102********153x"),
            ("420102199411131531", "420102********1531"),
            ("张42010219941113153X三", "张420102********153X三"),
            ("42010219941113153X01", "420102********153X01"),
            ("420102941113153", "420102******153"),
            ("42010294111315301", "420102******15301"),
            ("420102 19941113 153X", "420102 ******** 153X"),
            (
                "４２０１０２１９９４１１１３１５３Ｘ",
                "４２０１０２********１５３Ｘ",
            ),
        ] {
            assert_eq!(masked(text), shown);
            assert!(holds_resident_id(text));
        }
        for text in [
            "",
            "91420100MAXH4XGP0H",
            "100.00",
            "3070401000000000000",
            "027-87654321",
        ] {
            assert!(!holds_resident_id(text), "{text}");
        }
    }
}
