//! The page that checks proofs in the browser: `/verify`, and `/verify.html` as one file that works
//! without any node.
//!
//! Guards: the script is the modules of `api/verifier`, the very bytes that Node.js tests; it is
//! inline, so that the page is one file, and allowed by its hash alone. `/verify` holds this node's
//! trust root as data, and says on the page that it came from this node.

mod bundle;
mod compact;

use std::sync::LazyLock;

use axum::extract::State;
use axum::http::HeaderValue;
use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use sha2::{Digest as _, Sha256};

use crate::router::Node;
use crate::routes::stored::{CACHE_AND_ASK, CACHE_NEVER};
use crate::security::CONTENT_POLICY;

const PAGE: &str = include_str!("../../../verifier/page/verify.html");
const SHEET: &str = include_str!("../../../verifier/page/verify.css");
/// What a header may say and a page may not.
const HEADER_ONLY: &str = "; frame-ancestors 'none'";

/// The sheet, without the blanks that are for readers of it.
static STYLE: LazyLock<String> = LazyLock::new(|| {
    let lines = SHEET.lines().map(|line| {
        let line = line.trim_start();
        line.replace(": ", ":")
            .replace(" {", "{")
            .replace("{ ", "{")
            .replace("; }", ";}")
    });
    lines.collect()
});

/// The page in its parts, put together once.
struct Assembled {
    policy: String,
    /// Up to where a trust root may stand, and after.
    halves: [String; 2],
}

static ASSEMBLED: LazyLock<Assembled> = LazyLock::new(|| {
    let script = bundle::script();
    let policy = format!(
        "default-src 'none'; script-src '{}'; style-src '{}'; connect-src 'self'; img-src data:; \
         base-uri 'none'; form-action 'none'",
        source_of(&script),
        source_of(&STYLE)
    );
    let page = PAGE
        .replace("{{policy}}", &policy)
        .replace("{{style}}", &STYLE);
    let (before, after) = page.split_once("{{trust_root}}").unwrap_or((&page, ""));
    let halves = [before.to_owned(), after.replace("{{script}}", &script)];
    Assembled { policy, halves }
});

/// The script of an invoice's page, and the policy that allows it and no other.
pub(super) static VIEW: LazyLock<(String, HeaderValue)> = LazyLock::new(|| {
    let script = bundle::view_script();
    let policy = CONTENT_POLICY.to_owned() + &format!("; script-src '{}'", source_of(&script));
    // A digest in base64 is what a header may hold.
    let policy = HeaderValue::try_from(policy);
    let policy = policy.unwrap_or(HeaderValue::from_static(CONTENT_POLICY));
    (script, policy)
});

/// How a policy names an inline text: by its SHA-256.
fn source_of(text: &str) -> String {
    format!("sha256-{}", base64(&Sha256::digest(text.as_bytes())))
}

fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let [a, b, c] = [0, 1, 2].map(|at| chunk.get(at).copied().unwrap_or_default());
        let sextets = [
            a >> 2,
            (a & 3) << 4 | b >> 4,
            (b & 15) << 2 | c >> 6,
            c & 63,
        ];
        for (at, sextet) in sextets.into_iter().enumerate() {
            let letter = LETTERS.get(usize::from(sextet)).copied();
            let letter = letter.filter(|_| at <= chunk.len()).unwrap_or(b'=');
            text.push(char::from(letter));
        }
    }
    text
}

/// The one file, without a trust root: it works from a disk as well.
#[must_use]
pub fn verifier_file() -> String {
    ASSEMBLED.halves.concat()
}

/// The file to keep.
pub(crate) async fn file() -> Response {
    reply(verifier_file(), CACHE_AND_ASK)
}

/// The page with this node's trust root in it. A node that has none at hand serves it without.
pub(crate) async fn show(State(node): State<Node>) -> Response {
    let root = node.backend.trust_root().await.ok();
    let root = root.and_then(|bytes| String::from_utf8(bytes.to_vec()).ok());
    let block = root.map_or_else(String::new, |text| {
        // In JSON a `<` stands within texts alone, where it may be written so; nothing in the
        // block can then end it.
        let text = text.replace('<', "\\u003c");
        format!("<script type=\"application/json\" id=\"trust-root-data\">{text}</script>\n")
    });
    let [before, after] = &ASSEMBLED.halves;
    reply([before.as_str(), &block, after].concat(), CACHE_NEVER)
}

fn reply(page: String, cache: &'static str) -> Response {
    let policy = HeaderValue::try_from(ASSEMBLED.policy.clone() + HEADER_ONLY);
    let headers = [
        (
            CONTENT_TYPE,
            HeaderValue::from_static("text/html; charset=utf-8"),
        ),
        (CACHE_CONTROL, HeaderValue::from_static(cache)),
    ];
    let mut response = (headers, page).into_response();
    if let Ok(policy) = policy {
        response
            .headers_mut()
            .insert(CONTENT_SECURITY_POLICY, policy);
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Bytes of the file, at most.
    const FILE_BYTES_MAX: usize = 120_000;
    /// Bytes of the script of an invoice's page, at most.
    const VIEW_BYTES_MAX: usize = 16_000;

    #[test]
    fn base64_is_that_of_rfc_4648() {
        let cases = [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foob", "Zm9vYg=="),
        ];
        for (text, expected) in cases {
            assert_eq!(base64(text.as_bytes()), expected);
        }
    }

    #[test]
    fn the_script_of_an_invoices_page_is_small_and_asks_its_own_node_alone() {
        let (script, policy) = &*VIEW;
        assert!(script.len() <= VIEW_BYTES_MAX, "{} bytes", script.len());
        for word in [
            "http:",
            "https:",
            "eval(",
            "innerHTML",
            "</",
            "localStorage",
            "cookie",
        ] {
            assert!(!script.contains(word), "{word}");
        }
        let policy = policy.to_str().unwrap();
        assert!(
            policy.starts_with(CONTENT_POLICY) && policy.ends_with('\''),
            "{policy}"
        );
        assert!(!policy.contains("unsafe"));
    }

    #[test]
    fn the_file_is_whole_small_and_asks_nobody() {
        let file = verifier_file();
        assert!(file.len() <= FILE_BYTES_MAX, "{} bytes", file.len());
        assert!(!file.contains("{{"), "a part is missing");
        assert_eq!(file.matches("<script").count(), 1);
        assert_eq!(file.matches("</script").count(), 1);
        for word in [
            "http:",
            "https:",
            "src=",
            "@import",
            "url(",
            "eval(",
            "innerHTML",
            "unsafe",
        ] {
            assert!(!file.contains(word), "{word}");
        }
    }
}
