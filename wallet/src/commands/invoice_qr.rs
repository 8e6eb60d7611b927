//! `piao invoice qr`: the link of an invoice as a QR code, for a receipt or a screen.
//!
//! Asks the node for the secret that opens the document to whoever has the code, and writes it
//! nowhere but into the code. With `--public` it asks nobody and holds no secret.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use clap::Args;
use flate2::Compression;
use flate2::write::ZlibEncoder;
use piao_api::link_code::{LinkCode, VERSION_MAX, invoice_link, view_link};
use serde::Serialize;

use super::invoice_download::save;
use crate::cli;
use crate::context::Context;
use crate::error::CommandError;
use crate::exit::Exit;
use crate::language::Text;
use crate::node::Node;
use crate::output::{Line, Output};

/// Pixels of a module in a PNG.
const PIXELS: usize = 8;

/// Arguments of `piao invoice qr`.
#[derive(Debug, Args)]
pub(crate) struct QrArgs {
    /// Number of the invoice, 20 digits
    #[arg(value_parser = cli::number)]
    number: String,
    /// Address under which buyers reach the node, with https (default: --node)
    #[arg(long, value_name = "URL", value_parser = base)]
    link: Option<String>,
    /// Leave out the secret that opens the document: the page then shows what is public
    #[arg(long)]
    public: bool,
    /// Write FILE.svg or FILE.png instead of drawing on the terminal
    #[arg(long, short, value_name = "FILE", value_parser = picture)]
    output: Option<PathBuf>,
}

/// What `--json` prints.
#[derive(Debug, Serialize)]
struct Shown<'a> {
    number: &'a str,
    link: &'a str,
    version: i16,
}

/// Runs the command.
pub(crate) fn run(context: &Context, args: &QrArgs) -> Result<Exit, CommandError> {
    let base = args.link.as_deref().unwrap_or(&context.globals.node);
    let link = if args.public {
        invoice_link(base, &args.number)
    } else {
        let node = Node::open(&context.globals)?;
        let own = node.wait(node.client.view_link(&args.number))?;
        view_link(base, own_path(&own.path, &args.number)?)
    };
    let code = LinkCode::of(&link).ok_or_else(|| {
        CommandError::Usage(Text::new(
            format!(
                "{link} is too long for a QR code of version {VERSION_MAX}; give a shorter --link"
            ),
            format!("{link} 太长，放不进版本 {VERSION_MAX} 的二维码，请用 --link 给出更短的地址"),
        ))
    })?;
    let output = &context.output;
    if let Some(path) = &args.output {
        let bytes = if is_png(path) {
            png(&code)?
        } else {
            code.svg().into_bytes()
        };
        save(output, path, &bytes)?;
    } else if output.json {
        output.json(&Shown {
            number: &args.number,
            link: &link,
            version: code.version,
        })?;
    } else {
        draw(output, &code)?;
        output.talk(&Line::of(&link));
    }
    Ok(Exit::Ok)
}

/// The path that a node gave, if it is one: nothing else gets into the code.
fn own_path<'a>(path: &'a str, number: &str) -> Result<&'a str, CommandError> {
    let secret = path.strip_prefix(&format!("/i/{number}#"));
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    let right = secret.is_some_and(|secret| !secret.is_empty() && secret.chars().all(plain));
    let wrong = || CommandError::System("the node gave no link of this invoice".to_owned());
    right.then_some(path).ok_or_else(wrong)
}

/// Reads the address of a host.
fn base(text: &str) -> Result<String, String> {
    let rest = text
        .strip_prefix("https://")
        .or_else(|| text.strip_prefix("http://"));
    let sane = |c: char| c.is_ascii_graphic() && !"?#\"<>\\".contains(c);
    match rest {
        Some(rest) if !rest.is_empty() && rest.chars().all(sane) => Ok(text.to_owned()),
        _ => Err("an address like https://fapiao.example.cn".to_owned()),
    }
}

/// Reads the name of a picture.
fn picture(text: &str) -> Result<PathBuf, String> {
    let path = PathBuf::from(text);
    let ending = path.extension().and_then(|ending| ending.to_str());
    match ending.map(str::to_ascii_lowercase).as_deref() {
        Some("svg" | "png") => Ok(path),
        _ => Err("a name that ends with .svg or .png".to_owned()),
    }
}

fn is_png(path: &Path) -> bool {
    path.extension()
        .is_some_and(|ending| ending.eq_ignore_ascii_case("png"))
}

/// Two modules a character, dark as ink; on a terminal on white, whatever its colours are.
fn draw(output: &Output, code: &LinkCode) -> Result<(), CommandError> {
    let (on, off) = if output.is_terminal() {
        ("\u{1b}[38;5;16;48;5;231m", "\u{1b}[0m")
    } else {
        ("", "")
    };
    let mut text = String::new();
    for y in (0..code.full_width()).step_by(2) {
        text.push_str(on);
        for x in 0..code.full_width() {
            text.push(match (code.is_dark(x, y), code.is_dark(x, y + 1)) {
                (true, true) => '█',
                (true, false) => '▀',
                (false, true) => '▄',
                (false, false) => ' ',
            });
        }
        text.push_str(off);
        text.push('\n');
    }
    output.bytes(text.as_bytes())?;
    Ok(())
}

/// A PNG of one bit a pixel (ISO/IEC 15948).
fn png(code: &LinkCode) -> Result<Vec<u8>, CommandError> {
    let side = code.full_width().saturating_mul(PIXELS);
    let mut rows = Vec::new();
    for y in 0..side {
        // No filter, then eight pixels a byte; white is 1. A module is one byte wide.
        rows.push(0);
        let module = |x| if code.is_dark(x, y / PIXELS) { 0 } else { 0xff };
        rows.extend((0..code.full_width()).map(module));
    }
    let mut zlib = ZlibEncoder::new(Vec::new(), Compression::best());
    zlib.write_all(&rows)?;
    let side = u32::try_from(side).unwrap_or(u32::MAX).to_be_bytes();
    let mut head = [side, side].concat();
    head.extend([1, 0, 0, 0, 0]);
    let mut png = b"\x89PNG\r\n\x1a\n".to_vec();
    for (kind, data) in [
        (b"IHDR", head),
        (b"IDAT", zlib.finish()?),
        (b"IEND", Vec::new()),
    ] {
        push_chunk(&mut png, kind, &data);
    }
    Ok(png)
}

fn push_chunk(png: &mut Vec<u8>, kind: &[u8; 4], data: &[u8]) {
    let length = u32::try_from(data.len()).unwrap_or(u32::MAX);
    let mut sum = flate2::Crc::new();
    sum.update(kind);
    sum.update(data);
    png.extend(length.to_be_bytes());
    png.extend(kind);
    png.extend(data);
    png.extend(sum.sum().to_be_bytes());
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use flate2::read::ZlibDecoder;

    use super::*;

    #[test]
    fn the_picture_shows_every_module() {
        let code = LinkCode::of("https://fapiao.example.cn/i/26427000000000000001").unwrap();
        let png = png(&code).unwrap();
        let side = code.full_width() * PIXELS;
        assert_eq!(png[16..20], u32::try_from(side).unwrap().to_be_bytes());
        let at = png.windows(4).position(|name| name == b"IDAT").unwrap();
        let mut rows = Vec::new();
        ZlibDecoder::new(&png[at + 4..])
            .read_to_end(&mut rows)
            .unwrap();
        assert_eq!(rows.len(), side * (side / 8 + 1));
        for (y, row) in rows.chunks(side / 8 + 1).enumerate() {
            for (x, byte) in row[1..].iter().enumerate() {
                assert_eq!(*byte == 0, code.is_dark(x, y / PIXELS), "{x} {y}");
            }
        }
        assert!(png.ends_with(b"IEND\xae\x42\x60\x82"), "its sum is known");
    }

    #[test]
    fn an_address_holds_no_fragment_and_no_query() {
        for right in ["https://a.cn", "http://127.0.0.1:8080/x"] {
            assert!(base(right).is_ok(), "{right}");
        }
        for wrong in [
            "a.cn",
            "https://",
            "https://a.cn/#x",
            "https://a.cn?x",
            "ftp://a.cn",
            "https://a b",
        ] {
            assert!(base(wrong).is_err(), "{wrong}");
        }
    }
}
