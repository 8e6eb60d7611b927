//! What was probably meant by a word that is no setting.

use super::settings::Settings;

/// Edits up to which a word counts as a misspelling.
const EDITS_MAX: usize = 3;

/// The closest key, shown in the way it is spelled here; when none is close, all of them.
pub(super) fn did_you_mean(word: &str, show: impl Fn(&str) -> String) -> String {
    let closest = Settings::KEYS
        .into_iter()
        .map(|key| (distance(word, key), key))
        .min();
    match closest {
        Some((edits, key)) if edits <= EDITS_MAX => format!("; did you mean {}?", show(key)),
        _ => format!("; settings are {}", Settings::KEYS.map(show).join(", ")),
    }
}

/// Edits between two short words (Levenshtein, one row at a time).
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut diagonal = i;
        if let Some(first) = row.first_mut() {
            *first = i + 1;
        }
        for (j, y) in b.iter().enumerate() {
            let kept = diagonal + usize::from(x != *y);
            diagonal = row[j + 1];
            row[j + 1] = kept.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edits_are_counted() {
        for (a, b, edits) in [
            ("", "", 0),
            ("", "ab", 2),
            ("log", "logs", 1),
            ("kitten", "sitting", 3),
        ] {
            assert_eq!(distance(a, b), edits);
            assert_eq!(distance(b, a), edits);
        }
    }

    #[test]
    fn a_close_key_is_named_and_far_from_all_every_key_is() {
        let plain = |key: &str| key.to_owned();
        assert_eq!(did_you_mean("lisen", plain), "; did you mean listen?");
        assert!(did_you_mean("colour_of_the_sky", plain).contains("heartbeat_ms"));
    }
}
