//! What no honest client sends, and the reply each gets: a table, one row a request.

#![expect(clippy::too_many_lines, reason = "tables: a row a request")]

use crate::process::draft;

/// One request.
pub(crate) struct Row {
    pub(crate) name: &'static str,
    pub(crate) bytes: Vec<u8>,
    /// Whether the sender stops sending after the bytes.
    pub(crate) cut: bool,
    /// The status; 0 for no reply but the end of the connection.
    pub(crate) status: u16,
    /// The code; empty for a reply that is no refusal.
    pub(crate) code: &'static str,
}

const CHECK: &str = "/v1/invoices/check";
const ISSUE: &str = "/v1/invoices";
const TOP_UP: &str = "/v1/top-ups";
const RAW: &str = "/v1/transactions";
const JSON: &str = "Content-Type: application/json\r\n";
const CHUNKED: &str = "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n";

/// Every row against a node at this address.
pub(crate) fn all(host: &str) -> Vec<Row> {
    let rows = Rows { host };
    let mut all = rows.heads();
    all.extend(rows.framing());
    all.extend(rows.targets());
    all.extend(rows.access());
    all.extend(rows.kinds_of_body());
    all.extend(rows.json());
    all.extend(rows.drafts());
    all.extend(rows.keys());
    all
}

/// The beginning of a request as the row has it, without anything added.
fn row(name: &'static str, bytes: impl Into<Vec<u8>>, status: u16, code: &'static str) -> Row {
    Row {
        name,
        bytes: bytes.into(),
        cut: false,
        status,
        code,
    }
}

/// The same, after which the sender stops.
fn cut(name: &'static str, bytes: impl Into<Vec<u8>>, status: u16, code: &'static str) -> Row {
    Row {
        cut: true,
        ..row(name, bytes, status, code)
    }
}

struct Rows<'a> {
    host: &'a str,
}

impl Rows<'_> {
    fn request(&self, line: &str, lines: &str, body: &[u8]) -> Vec<u8> {
        let host = self.host;
        let head = format!("{line}\r\nHost: {host}\r\nConnection: close\r\n{lines}\r\n");
        [head.as_bytes(), body].concat()
    }

    fn get(&self, target: &str, lines: &str) -> Vec<u8> {
        self.request(&format!("GET {target} HTTP/1.1"), lines, b"")
    }

    /// A POST with these lines, its length not among them.
    fn sized(&self, path: &str, lines: &str, body: &[u8]) -> Vec<u8> {
        let lines = format!("{lines}Content-Length: {}\r\n", body.len());
        self.request(&format!("POST {path} HTTP/1.1"), &lines, body)
    }

    /// A POST with lines that say how the body is framed.
    fn framed(&self, lines: &str, body: &[u8]) -> Vec<u8> {
        self.request(&format!("POST {CHECK} HTTP/1.1"), lines, body)
    }

    /// A check of this JSON.
    fn check(&self, body: impl AsRef<[u8]>) -> Vec<u8> {
        self.sized(CHECK, JSON, body.as_ref())
    }

    /// Heads that are no heads.
    fn heads(&self) -> Vec<Row> {
        let lines =
            |count: usize| -> String { (0..count).map(|n| format!("X-{n}: 1\r\n")).collect() };
        let long = |length: usize| "a".repeat(length);
        let bare = |text: &str| format!("{text}Connection: close\r\n\r\n");
        vec![
            cut("nothing", "", 0, ""),
            cut("half a line", "GET /v1/chain HTT", 0, ""),
            row("bytes", b"\x00\xff\x01\x02\r\n\r\n", 400, "E2608"),
            cut(
                "a TLS greeting",
                [&b"\x16\x03\x01\x00\xa5\x01"[..], &[7; 160]].concat(),
                400,
                "E2608",
            ),
            row("HTTP/0.9", "GET /v1/chain\r\n\r\n", 400, "E2608"),
            row(
                "HTTP/1.2",
                bare("GET /v1/chain HTTP/1.2\r\nHost: x\r\n"),
                400,
                "E2608",
            ),
            row("HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 0, ""),
            row(
                "HTTP/1.0 is served",
                "GET /v1/chain HTTP/1.0\r\n\r\n",
                200,
                "",
            ),
            row("no host", bare("GET /v1/chain HTTP/1.1\r\n"), 400, "E2608"),
            row(
                "two hosts",
                bare("GET /v1/chain HTTP/1.1\r\nHost: a\r\nHost: b\r\n"),
                400,
                "E2608",
            ),
            row(
                "no colon",
                bare("GET /v1/chain HTTP/1.1\r\nHost: x\r\nBad Header\r\n"),
                400,
                "E2608",
            ),
            row(
                "a blank before the colon",
                bare("GET / HTTP/1.1\r\nHost : x\r\n"),
                400,
                "E2608",
            ),
            row(
                "NUL in a header",
                bare("GET / HTTP/1.1\r\nHost: x\r\nX: a\0b\r\n"),
                400,
                "E2608",
            ),
            row(
                "NUL in the address",
                bare("GET /\0 HTTP/1.1\r\nHost: x\r\n"),
                400,
                "E2608",
            ),
            row(
                "CR in a header",
                bare("GET / HTTP/1.1\r\nHost: x\r\nX: a\rb\r\n"),
                400,
                "E2608",
            ),
            row(
                "a folded header",
                bare("GET / HTTP/1.1\r\nHost: x\r\nX: a\r\n b\r\n"),
                400,
                "E2608",
            ),
            row(
                "two blanks in the line",
                bare("GET  /  HTTP/1.1\r\nHost: x\r\n"),
                400,
                "E2608",
            ),
            row(
                "a method of signs",
                bare("G(T / HTTP/1.1\r\nHost: x\r\n"),
                400,
                "E2608",
            ),
            row(
                "65 header lines",
                self.get("/livez", &lines(63)),
                431,
                "E2609",
            ),
            row(
                "10 000 header lines",
                self.get("/livez", &lines(10_000)),
                431,
                "E2609",
            ),
            row(
                "a header of 20 KiB",
                self.get("/livez", &format!("X: {}\r\n", long(20_000))),
                431,
                "E2609",
            ),
            row(
                "a header of 2 MiB",
                self.get("/livez", &format!("X: {}\r\n", long(2 << 20))),
                431,
                "E2609",
            ),
            row(
                "an address of 9 KiB",
                self.get(&format!("/v1/chain?x={}", long(9_000)), ""),
                414,
                "E2610",
            ),
            row(
                "an address of 60 KiB",
                self.get(&format!("/{}", long(60_000)), ""),
                431,
                "E2609",
            ),
            row(
                "a method of 300",
                self.request(&format!("{} /v1/chain HTTP/1.1", "A".repeat(300)), "", b""),
                405,
                "E2602",
            ),
        ]
    }

    /// Lengths and chunks that say two things, or nothing.
    fn framing(&self) -> Vec<Row> {
        let length = |value: &str| format!("{JSON}Content-Length: {value}\r\n");
        let coding = |value: &str| format!("{JSON}Transfer-Encoding: {value}\r\n");
        let chunk: &[u8] = b"2\r\n{}\r\n0\r\n\r\n";
        let smuggled = b"0\r\n\r\nGET /v1/account HTTP/1.1\r\nHost: x\r\n\r\n";
        let trailers: String = (0..5_000).map(|n| format!("X-{n}: 1\r\n")).collect();
        let extension = format!("2;{}\r\n{{}}\r\n0\r\n\r\n", "a".repeat(100_000));
        let pieces = b"1\r\n \r\n".repeat(40_000);
        let trailing = format!("2\r\n{{}}\r\n0\r\n{trailers}\r\n");
        vec![
            row(
                "two lengths",
                self.framed(&length("4\r\nContent-Length: 5"), b"{}  "),
                400,
                "E2608",
            ),
            row(
                "a list of lengths",
                self.framed(&length("2, 2"), b"{}"),
                400,
                "E2608",
            ),
            row(
                "a negative length",
                self.framed(&length("-1"), b"{}"),
                400,
                "E2608",
            ),
            row(
                "a length with a plus",
                self.framed(&length("+2"), b"{}"),
                400,
                "E2608",
            ),
            row(
                "a length of hex",
                self.framed(&length("0x2"), b"{}"),
                400,
                "E2608",
            ),
            row(
                "a length over 64 bits",
                self.framed(&length("99999999999999999999"), b"{}"),
                400,
                "E2608",
            ),
            row(
                "the longest length",
                self.framed(&length("18446744073709551615"), b"{}"),
                431,
                "E2609",
            ),
            row(
                "a length of a terabyte",
                self.framed(&length("1099511627776"), b"{}"),
                413,
                "E1112",
            ),
            // Chunks decide, the length is dropped, and what follows is a request, not a body.
            row(
                "length, then chunks",
                self.framed(
                    &format!("{JSON}Content-Length: 44\r\nTransfer-Encoding: chunked\r\n"),
                    smuggled,
                ),
                400,
                "E1111",
            ),
            row(
                "chunks, then a length",
                self.framed(&format!("{CHUNKED}Content-Length: 44\r\n"), smuggled),
                400,
                "E1111",
            ),
            row(
                "chunks in HTTP/1.0",
                self.request(&format!("POST {CHECK} HTTP/1.0"), CHUNKED, chunk),
                400,
                "E2608",
            ),
            row(
                "packed chunks",
                self.framed(&coding("gzip, chunked"), chunk),
                415,
                "E2603",
            ),
            row(
                "chunks of another name",
                self.framed(&coding("xchunked"), chunk),
                400,
                "E2608",
            ),
            row(
                "chunks before the last coding",
                self.framed(&coding("chunked, gzip"), chunk),
                400,
                "E2608",
            ),
            row(
                "chunks twice",
                self.framed(&coding("chunked, chunked"), chunk),
                415,
                "E2603",
            ),
            row(
                "a chunk size of letters",
                self.framed(CHUNKED, b"ZZ\r\n{}\r\n0\r\n\r\n"),
                400,
                "E1111",
            ),
            row(
                "a chunk size over 64 bits",
                self.framed(CHUNKED, b"FFFFFFFFFFFFFFFFF\r\n{}\r\n"),
                400,
                "E1111",
            ),
            row(
                "a chunk that ends early",
                self.framed(CHUNKED, b"2\r\n{}0\r\n\r\n"),
                400,
                "E1111",
            ),
            row(
                "a chunk with 100 KiB beside it",
                self.framed(CHUNKED, extension.as_bytes()),
                400,
                "E1111",
            ),
            row(
                "5 000 trailers",
                self.framed(CHUNKED, trailing.as_bytes()),
                400,
                "E1111",
            ),
            row(
                "40 000 chunks of a byte",
                self.framed(CHUNKED, &pieces),
                413,
                "E1112",
            ),
            cut(
                "chunks without an end",
                self.framed(CHUNKED, b"2\r\n{}\r\n"),
                400,
                "E1111",
            ),
            cut(
                "half a body",
                self.framed(&length("100"), b"{}"),
                400,
                "E1111",
            ),
        ]
    }

    /// Addresses and methods.
    fn targets(&self) -> Vec<Row> {
        let line = |text: &str| self.request(text, "", b"");
        vec![
            row("TRACE", line("TRACE /v1/chain HTTP/1.1"), 405, "E2602"),
            row("OPTIONS of all", line("OPTIONS * HTTP/1.1"), 404, "E2601"),
            row(
                "CONNECT",
                line("CONNECT evil.example:80 HTTP/1.1"),
                404,
                "E2601",
            ),
            row(
                "an upgrade is ignored",
                self.get("/v1/chain", "Upgrade: websocket\r\n"),
                200,
                "",
            ),
            row(
                "up and out",
                self.get("/../../etc/passwd", ""),
                404,
                "E2601",
            ),
            row(
                "up and out, encoded",
                self.get("/v1/invoices/%2e%2e%2f%2e%2e%2fetc%2fpasswd", ""),
                422,
                "E1401",
            ),
            row(
                "up from a file",
                self.get("/style.css/../api-key", ""),
                404,
                "E2601",
            ),
            row("two slashes", self.get("//v1//chain", ""), 404, "E2601"),
            row("a backslash", self.get("/v1\\chain", ""), 404, "E2601"),
            row(
                "NUL, encoded",
                self.get("/v1/invoices/%00", ""),
                422,
                "E1401",
            ),
            row(
                "not UTF-8, encoded",
                self.get("/v1/invoices/%ff", ""),
                400,
                "E2606",
            ),
            row(
                "a percent sign of nothing",
                self.get("/v1/invoices/%zz", ""),
                422,
                "E1401",
            ),
            row(
                "digits of another script",
                self.get(
                    "/v1/invoices/%D9%A1%D9%A2%D9%A3%D9%A1%D9%A2%D9%A3%D9%A1%D9%A2%D9%A3%D9%A1",
                    "",
                ),
                422,
                "E1401",
            ),
            row(
                "a height of letters",
                self.get("/v1/blocks/abc", ""),
                400,
                "E2606",
            ),
            row(
                "a height over 64 bits",
                self.get("/v1/blocks/99999999999999999999", ""),
                400,
                "E2606",
            ),
            row(
                "a height nobody has",
                self.get("/v1/blocks/18446744073709551615", ""),
                404,
                "E2605",
            ),
            row(
                "a negative limit",
                self.get("/v1/blocks?limit=-1", ""),
                400,
                "E2606",
            ),
            row(
                "a limit of a million",
                self.get("/v1/blocks?limit=1000000", ""),
                400,
                "E2606",
            ),
            row(
                "a parameter twice",
                self.get("/v1/blocks?limit=1&limit=2", ""),
                400,
                "E2606",
            ),
            row(
                "an unknown parameter",
                self.get("/v1/chain?debug=true", ""),
                400,
                "E2606",
            ),
            row(
                "a cursor of bytes",
                self.get("/v1/invoices?cursor=%00%ff%fe", ""),
                400,
                "E2606",
            ),
            row(
                "a filter of SQL",
                self.get("/v1/invoices?q=%27%20OR%201=1--", ""),
                200,
                "",
            ),
            row(
                "a thousand ranges",
                self.get(
                    "/openapi.json",
                    &format!("Range: bytes={}\r\n", "0-,".repeat(1_000)),
                ),
                200,
                "",
            ),
            row(
                "a packed reply is not made",
                self.get("/openapi.json", "Accept-Encoding: gzip, br\r\n"),
                200,
                "",
            ),
        ]
    }

    /// Callers who are not who they say.
    fn access(&self) -> Vec<Row> {
        let with = |lines: &str| self.get("/v1/account", lines);
        let bare = |host: &str| {
            format!("GET /v1/account HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n")
        };
        vec![
            row(
                "an unknown key",
                with("Authorization: Bearer guess\r\n"),
                401,
                "E2010",
            ),
            row(
                "a key of 10 KiB",
                with(&format!("Authorization: Bearer {}\r\n", "k".repeat(10_000))),
                401,
                "E2010",
            ),
            row(
                "a password",
                with("Authorization: Basic eDp5\r\n"),
                401,
                "E2010",
            ),
            row("no key after all", with("Authorization:\r\n"), 401, "E2010"),
            row("another host", bare("evil.example"), 403, "E2013"),
            row("this host, another port", bare("127.0.0.1:1"), 403, "E2013"),
            row(
                "another host in the address",
                self.get("http://evil.example/v1/account", ""),
                403,
                "E2013",
            ),
            row(
                "another origin",
                with("Origin: http://evil.example\r\n"),
                403,
                "E2013",
            ),
            row("an origin of null", with("Origin: null\r\n"), 403, "E2013"),
            row(
                "from another site",
                with("Sec-Fetch-Site: cross-site\r\n"),
                403,
                "E2013",
            ),
            row(
                "another's account",
                self.get("/v1/account?account=99", ""),
                403,
                "E2013",
            ),
        ]
    }

    /// Bodies of another kind, or too many bytes.
    fn kinds_of_body(&self) -> Vec<Row> {
        let typed = |kind: &str| self.sized(CHECK, &format!("Content-Type: {kind}\r\n"), b"{}");
        let packed = |coding: &str| {
            let lines = format!("{JSON}Content-Encoding: {coding}\r\n");
            self.sized(CHECK, &lines, b"\x1f\x8b\x08\x00")
        };
        let raw = |body: &[u8]| {
            self.sized(
                RAW,
                "Content-Type: application/vnd.piao.transaction\r\n",
                body,
            )
        };
        let expects = "Expect: 100-continue\r\n";
        let asked = self.framed(&format!("{JSON}{expects}Content-Length: 999999\r\n"), b"");
        vec![
            row("no kind", self.sized(CHECK, "", b"{}"), 415, "E2603"),
            row("text", typed("text/plain"), 415, "E2603"),
            row(
                "a form",
                typed("application/x-www-form-urlencoded"),
                415,
                "E2603",
            ),
            row(
                "parts",
                typed("multipart/form-data; boundary=x"),
                415,
                "E2603",
            ),
            row("almost JSON", typed("application/jsonx"), 415, "E2603"),
            row("XML", typed("application/xml"), 415, "E2603"),
            row("gzip", packed("gzip"), 415, "E2603"),
            row("deflate", packed("deflate"), 415, "E2603"),
            row("br", packed("br"), 415, "E2603"),
            row("zstd", packed("zstd"), 415, "E2603"),
            row(
                "packed behind identity",
                packed("identity\r\nContent-Encoding: gzip"),
                415,
                "E2603",
            ),
            row("a huge body", self.check(vec![b' '; 1 << 20]), 413, "E1112"),
            row("a huge body, asked first", asked, 413, "E1112"),
            row(
                "a huge body in chunks",
                self.framed(
                    CHUNKED,
                    &[&b"80000\r\n"[..], &vec![b' '; 0x80000], b"\r\n0\r\n\r\n"].concat(),
                ),
                413,
                "E1112",
            ),
            row(
                "a small body, asked first",
                self.sized(CHECK, &format!("{JSON}{expects}"), b"["),
                400,
                "E1111",
            ),
            row("a raw transaction of nothing", raw(b""), 400, "E2208"),
            row(
                "a raw transaction of noise",
                raw(&[0xff; 500]),
                400,
                "E2208",
            ),
            row(
                "a raw transaction of 33 KiB",
                raw(&[0; 33 * 1024]),
                413,
                "E1112",
            ),
            row(
                "a raw transaction as JSON",
                self.sized(RAW, JSON, b"{}"),
                415,
                "E2603",
            ),
        ]
    }

    /// JSON that is none, or not the contract's.
    fn json(&self) -> Vec<Row> {
        let broken = |name, body: &[u8]| row(name, self.check(body), 400, "E1111");
        let deep = |open: &str, close: &str, levels: usize| {
            format!("{}{}", open.repeat(levels), close.repeat(levels))
        };
        let doubled: Vec<_> = (0..20_000).map(|_| "\"a\":1").collect();
        vec![
            broken("nothing at all", b""),
            broken("blanks", b"   "),
            broken("half an object", b"{\"kind\":"),
            broken("two objects", b"{}{}"),
            broken("a comma too many", b"{\"kind\":\"general\",}"),
            broken("a comment", b"{/*x*/}"),
            broken("single quotes", b"{'kind':'general'}"),
            broken("a list", b"[]"),
            broken("a text", b"\"x\""),
            broken("NaN", b"{\"lines\":NaN}"),
            broken("Infinity", b"{\"lines\":-Infinity}"),
            broken("a byte order mark", "\u{feff}{}".as_bytes()),
            broken("UTF-16", b"\xff\xfe{\0}\0"),
            broken("not UTF-8", b"{\"remark\":\"\xe9\"}"),
            broken("an overlong NUL", b"{\"remark\":\"\xc0\x80\"}"),
            broken("a surrogate as bytes", b"{\"remark\":\"\xed\xa0\x80\"}"),
            broken("a lone surrogate", b"{\"remark\":\"\\ud800\"}"),
            broken(
                "surrogates the wrong way round",
                b"{\"remark\":\"\\udc00\\ud800\"}",
            ),
            broken("a lone surrogate as a name", b"{\"\\udfff\":1}"),
            broken("a raw line break in a text", b"{\"remark\":\"a\nb\"}"),
            broken(
                "a member twice",
                b"{\"kind\":\"general\",\"kind\":\"special\"}",
            ),
            broken(
                "a member twice, spelled otherwise",
                b"{\"kind\":\"a\",\"\\u006bind\":\"b\"}",
            ),
            broken(
                "20 000 times the same member",
                format!("{{{}}}", doubled.join(",")).as_bytes(),
            ),
            broken("100 000 lists deep", deep("[", "]", 100_000).as_bytes()),
            broken("100 000 lists deep, open", "[".repeat(200_000).as_bytes()),
            broken(
                "33 objects deep",
                deep("{\"a\":", "}", 33).replacen("}", "1}", 1).as_bytes(),
            ),
            row(
                "a million deep",
                self.check("[".repeat(1_000_000)),
                413,
                "E1112",
            ),
        ]
    }

    /// Drafts that are JSON but no drafts. A check is answered with 200 and what is wrong.
    fn drafts(&self) -> Vec<Row> {
        let checked = |name, body: String, code| row(name, self.check(body), 200, code);
        let line = |member: &str, value: serde_json::Value| {
            let member = member.to_owned();
            draft(move |draft| draft["lines"][0][member] = value)
        };
        let spelled = |number: &str| draft(|_| ()).replace("\"100.00\"", number);
        let many = |count: usize| {
            draft(|draft| {
                let line = draft["lines"][0].clone();
                draft["lines"] = vec![line; count].into();
            })
        };
        let unknown: Vec<_> = (0..20_000).map(|n| format!("\"m{n}\":0")).collect();
        let member = |member: &'static str, value: serde_json::Value| {
            draft(move |draft| draft[member] = value)
        };
        vec![
            checked("an empty object", "{}".to_owned(), "E1101"),
            checked("an unknown member", member("colour", "red".into()), "E1104"),
            checked(
                "a dangerous member",
                member("__proto__", serde_json::json!({"a": 1})),
                "E1104",
            ),
            checked(
                "20 000 unknown members",
                format!("{{{}}}", unknown.join(",")),
                "E1101",
            ),
            checked(
                "80 000 empty lines",
                format!("{{\"lines\":[{}]}}", vec!["{}"; 80_000].join(",")),
                "E1101",
            ),
            checked("1 000 lines", many(1_000), "E1218"),
            checked("no lines", member("lines", serde_json::json!([])), "E1217"),
            checked("a price as a number", spelled("100.00"), "E1111"),
            checked("a price of 1e400", spelled("1e400"), "E1111"),
            checked("a price of -0", spelled("-0"), "E1111"),
            checked("a price of 1e400 in a text", spelled("\"1e400\""), "E1202"),
            checked("a price of NaN in a text", spelled("\"NaN\""), "E1202"),
            checked(
                "a price of 10 000 digits",
                spelled(&format!("\"{}\"", "9".repeat(10_000))),
                "E1202",
            ),
            checked("a price in full width", spelled("\"１００\""), "E1202"),
            checked("a price with a comma", spelled("\"1,00\""), "E1202"),
            checked(
                "an amount of 40 digits",
                line("amount", "9".repeat(40).into()),
                "E1201",
            ),
            checked(
                "an amount of 40 digits and two decimals",
                line("amount", format!("{}.00", "9".repeat(40)).into()),
                "E1213",
            ),
            checked(
                "an amount of NaN in a text",
                line("amount", "NaN".into()),
                "E1201",
            ),
            checked(
                "an amount of 1e2 in a text",
                line("amount", "1e2".into()),
                "E1201",
            ),
            checked(
                "a rate of 6e-2 in a text",
                line("rate", "6e-2".into()),
                "E1301",
            ),
            checked("a text as a number", line("name", 7.into()), "E1111"),
            checked("a name with NUL", line("name", "a\0b".into()), "E1103"),
            checked(
                "a name turned round",
                line("name", "a\u{202e}gpj.exe".into()),
                "E1103",
            ),
            checked(
                "a name with a Cyrillic letter in a Latin word",
                line("name", "\u{410}pple".into()),
                "E1103",
            ),
            checked(
                "a name of a private character",
                line("name", "\u{e000}".into()),
                "E1103",
            ),
            checked(
                "a name of 60 000 characters",
                line("name", "x".repeat(60_000).into()),
                "E1102",
            ),
            checked(
                "a remark of 60 000 characters",
                member("remark", "x".repeat(60_000).into()),
                "E1108",
            ),
            checked(
                "a time that is none",
                member("issued_at", "2026-02-30T25:61:00+99:00".into()),
                "E1105",
            ),
            checked(
                "a time without a zone",
                member("issued_at", "2026-11-22T00:00:00".into()),
                "E1105",
            ),
            checked(
                "a currency of its own",
                member("currency", "DOGE".into()),
                "E1113",
            ),
        ]
    }

    /// Keys of calls that must have one.
    fn keys(&self) -> Vec<Row> {
        let good = draft(|_| ());
        let issue = |lines: &str| self.sized(ISSUE, &format!("{JSON}{lines}"), good.as_bytes());
        let top_up = |body: &str| {
            let lines = format!("{JSON}Idempotency-Key: hostile\r\n");
            self.sized(TOP_UP, &lines, body.as_bytes())
        };
        let query = |query: &str| {
            let lines = format!("{JSON}Idempotency-Key: hostile\r\n");
            self.sized(&format!("{ISSUE}?{query}"), &lines, good.as_bytes())
        };
        vec![
            row("no key", issue(""), 422, "E1101"),
            row("an empty key", issue("Idempotency-Key:\r\n"), 422, "E1101"),
            row(
                "two keys",
                issue("Idempotency-Key: a\r\nIdempotency-Key: b\r\n"),
                422,
                "E1101",
            ),
            row(
                "a key with a blank",
                issue("Idempotency-Key: a b\r\n"),
                422,
                "E1103",
            ),
            row(
                "a key of bytes",
                issue("Idempotency-Key: \u{7968}\r\n"),
                422,
                "E1103",
            ),
            row(
                "a key of 129",
                issue(&format!("Idempotency-Key: {}\r\n", "k".repeat(129))),
                422,
                "E1102",
            ),
            row(
                "a wait for ever",
                query("timeout=999999999999999999999"),
                400,
                "E2606",
            ),
            row("a wait for nothing", query("wait=never"), 400, "E2606"),
            row(
                "a top-up as a number",
                top_up("{\"amount\":1e400,\"ref\":\"x\"}"),
                422,
                "E1201",
            ),
            row(
                "a top-up of less than nothing",
                top_up("{\"amount\":\"-5.00\",\"ref\":\"x\"}"),
                422,
                "E1607",
            ),
            row(
                "a top-up of everything",
                top_up("{\"amount\":\"92233720368547758.07\",\"ref\":\"x\"}"),
                422,
                "E1607",
            ),
            row(
                "a top-up with an account over 32 bits",
                top_up("{\"account\":4294967296,\"amount\":\"1.00\",\"ref\":\"x\"}"),
                400,
                "E1111",
            ),
        ]
    }
}
