//! The known name that a misspelled one probably means.

/// Edits a misspelled name may be away.
const EDITS_MAX: usize = 2;
/// Characters of a name worth comparing: no known name is near a longer one.
const CHARS_MAX: usize = 40;

/// The nearest of some names, if one is near.
pub(super) fn nearest<'a>(text: &str, names: &[&'a str]) -> Option<&'a str> {
    if text.chars().count() > CHARS_MAX {
        return None;
    }
    let distances = names.iter().map(|name| (edits(text, name), *name));
    let (distance, name) = distances.min_by_key(|(distance, _)| *distance)?;
    // Two edits turn any two letters into any others.
    (distance <= EDITS_MAX && distance < name.chars().count().min(text.chars().count()))
        .then_some(name)
}

/// Levenshtein distance: insertions, deletions and substitutions of characters.
fn edits(from: &str, to: &str) -> usize {
    let mut row: Vec<usize> = (0..=to.chars().count()).collect();
    for (above, a) in from.chars().enumerate() {
        let mut left = above.saturating_add(1);
        let mut diagonal = above;
        let mut next = Vec::with_capacity(row.len());
        next.push(left);
        for (b, &up) in to.chars().zip(row.iter().skip(1)) {
            let substituted = diagonal.saturating_add(usize::from(a != b));
            left = substituted
                .min(up.saturating_add(1))
                .min(left.saturating_add(1));
            diagonal = up;
            next.push(left);
        }
        row = next;
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_misspelled_name_finds_the_known_one() {
        let names = ["place", "project", "cross_city"];
        assert_eq!(nearest("plase", &names), Some("place"));
        assert_eq!(nearest("crosscity", &names), Some("cross_city"));
        assert_eq!(nearest("projekts", &names), Some("project"));
        assert_eq!(nearest("pl", &names), None);
        assert_eq!(nearest("address", &names), None);
        assert_eq!(nearest("", &names), None);
        assert_eq!(nearest(&"p".repeat(10_000), &names), None);
    }
}
