//! Where an invoice is sent: e-mail addresses and mobile phones.
//!
//! Guards: a typing mistake is found before the invoice is out, not when the mail bounces.
//! Narrower than the mail standards on purpose: quoted local parts and addresses of hosts without
//! a dot are mistakes here.

use super::bounds::EMAIL_CHARS_MAX;

/// Octets of a local part and of one label of a domain (RFC 5321, RFC 1035).
const LOCAL_MAX: usize = 64;
const LABEL_MAX: usize = 63;

/// Whether a text is a plain e-mail address.
#[must_use]
pub(super) fn is_email(text: &str) -> bool {
    let Some((local, domain)) = text.rsplit_once('@') else {
        return false;
    };
    let local_is_plain = (1..=LOCAL_MAX).contains(&local.len())
        && local
            .split('.')
            .all(|atom| !atom.is_empty() && atom.bytes().all(is_atom));
    let last = domain.rsplit('.').next().unwrap_or("");
    text.len() <= EMAIL_CHARS_MAX
        && local_is_plain
        && domain.contains('.')
        && domain.split('.').all(is_label)
        && !last.bytes().all(|byte| byte.is_ascii_digit())
}

/// Characters of an atom (RFC 5322).
fn is_atom(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+/=?^_`{|}~-".contains(&byte)
}

/// Letters, digits and inner hyphens. Names in other scripts arrive as `xn--`.
fn is_label(label: &str) -> bool {
    (1..=LABEL_MAX).contains(&label.len())
        && !label.starts_with('-')
        && !label.ends_with('-')
        && label
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

/// Whether a text is a mainland mobile number: eleven digits from 13 to 19, `+86` allowed before.
#[must_use]
pub(super) fn is_mobile(text: &str) -> bool {
    let digits = text.strip_prefix("+86").unwrap_or(text).as_bytes();
    digits.len() == 11
        && digits.iter().all(u8::is_ascii_digit)
        && digits.first() == Some(&b'1')
        && digits
            .get(1)
            .is_some_and(|digit| (b'3'..=b'9').contains(digit))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_addresses_are_accepted() {
        for text in [
            "a@b.cn",
            "first.last+tag@mail.example.com",
            "x_y@xn--fiqs8s.cn",
        ] {
            assert!(is_email(text), "{text}");
        }
        for text in [
            "",
            "a",
            "@b.cn",
            "a@",
            "a@b",
            "a@@b.cn",
            "a b@c.cn",
            "a..b@c.cn",
            ".a@c.cn",
            "a@-b.cn",
            "a@b..cn",
            "a@1.2.3.4",
            "张@例.cn",
            "a@b.cn ",
        ] {
            assert!(!is_email(text), "{text:?}");
        }
    }

    #[test]
    fn mobile_numbers_have_eleven_digits() {
        for text in ["13800138000", "+8619912345678"] {
            assert!(is_mobile(text), "{text}");
        }
        for text in [
            "",
            "12800138000",
            "1380013800",
            "138001380000",
            "027-12345678",
            "１3800138000",
        ] {
            assert!(!is_mobile(text), "{text:?}");
        }
    }
}
