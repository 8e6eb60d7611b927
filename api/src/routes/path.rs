//! Path parameters that name something.

use piao_chain::failure::FailureCode;
use piao_chain::fault::Fault;

use crate::strict_json::shortened;

/// Digits of an invoice number.
const NUMBER_DIGITS: usize = 20;

/// Checks the outline of an invoice number.
///
/// # Errors
/// [`FailureCode::NumberFormat`].
pub(crate) fn number(text: &str) -> Result<&str, Box<Fault>> {
    if text.len() == NUMBER_DIGITS && text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Ok(text);
    }
    Err(Fault::at(FailureCode::NumberFormat, "/number")
        .got(shortened(text))
        .expected("20 digits")
        .into())
}

/// Reads a transaction id: 64 lower-case hex digits.
///
/// # Errors
/// [`FailureCode::ParameterInvalid`].
pub(crate) fn txid(text: &str) -> Result<[u8; 32], Box<Fault>> {
    let mut bytes = [0; 32];
    let lower = !text.bytes().any(|byte| byte.is_ascii_uppercase());
    match hex::decode_to_slice(text, &mut bytes) {
        Ok(()) if lower => Ok(bytes),
        _ => Err(Fault::at(FailureCode::ParameterInvalid, "/txid")
            .got(shortened(text))
            .expected("64 lower-case hex digits")
            .into()),
    }
}

/// Reads the id of a key: 32 lower-case hex digits.
///
/// # Errors
/// [`FailureCode::ParameterInvalid`].
pub(crate) fn key_id(text: &str) -> Result<[u8; 16], Box<Fault>> {
    let mut bytes = [0; 16];
    let lower = !text.bytes().any(|byte| byte.is_ascii_uppercase());
    match hex::decode_to_slice(text, &mut bytes) {
        Ok(()) if lower => Ok(bytes),
        _ => Err(Fault::at(FailureCode::ParameterInvalid, "/id")
            .got(shortened(text))
            .expected("32 lower-case hex digits")
            .into()),
    }
}

/// Reads a block height.
///
/// # Errors
/// [`FailureCode::ParameterInvalid`].
pub(crate) fn height(text: &str) -> Result<u64, Box<Fault>> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| digits).ok_or_else(|| {
        Fault::at(FailureCode::ParameterInvalid, "/height")
            .got(shortened(text))
            .expected("a height")
            .into()
    })
}

/// Longest id of a request, in characters.
const ID_LEN_MAX: usize = 64;

/// Checks the outline of a request id: letters, digits, `-` and `_`.
///
/// # Errors
/// [`FailureCode::ParameterInvalid`].
pub(crate) fn request_id(text: &str) -> Result<&str, Box<Fault>> {
    let sane = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    if (1..=ID_LEN_MAX).contains(&text.len()) && text.bytes().all(sane) {
        return Ok(text);
    }
    Err(Fault::at(FailureCode::ParameterInvalid, "/id")
        .got(shortened(text))
        .expected("the id of a request")
        .into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_have_one_spelling() {
        assert!(number("26420000000000000001").is_ok());
        assert!(number("2642000000000000000").is_err());
        assert!(number("２6420000000000000001").is_err());
        assert_eq!(txid(&"0a".repeat(32)), Ok([0x0a; 32]));
        assert!(txid(&"0A".repeat(32)).is_err());
        assert!(txid("0a").is_err());
        assert_eq!(key_id(&"0a".repeat(16)), Ok([0x0a; 16]));
        assert!(key_id(&"0A".repeat(16)).is_err());
        assert!(key_id(&"0a".repeat(17)).is_err());
        assert_eq!(height("0"), Ok(0));
        assert!(height("+1").is_err());
        assert!(height("").is_err());
        assert!(height("18446744073709551616").is_err());
        assert!(request_id("r-1_B").is_ok());
        assert!(request_id("a/b").is_err());
    }
}
