//! The proof that a PDF carries.
//!
//! A deliverable holds its proof as an attachment: bytes as they are, or in a stream compressed with
//! Flate (ISO 32000-1, 7.4.4 and 7.11.4). It is found by its magic, not through the tables of the PDF,
//! so that a file some other program saved anew still shows it. Guards: reading, inflating and
//! searching are bounded, and of two proofs none is picked.

use std::collections::BTreeSet;

use flate2::{Decompress, FlushDecompress, Status};
use piao_chain::limits::PROOF_BYTES_MAX;
use piao_chain::proof::file::MAGIC;

/// The first bytes of a PDF; readers take a file that has them near its start.
const PDF: &[u8] = b"%PDF-";
/// Where they may begin, at most (ISO 32000-1, annex H.3.4.1).
pub(super) const PDF_START_MAX: usize = 1024;
/// Streams looked into, at most.
const STREAMS_MAX: usize = 20_000;
/// Different proofs told apart, at most; one more than a file may have.
const PROOFS_MAX: usize = 2;
/// Magic, version, suite and length of a proof file.
const FRAME_BYTES: usize = 14;
/// What begins the bytes of a stream, up to the end of its line.
const STREAM: &[u8] = b"stream";

/// What a PDF carries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Attached {
    /// No proof, as far as was looked.
    Nothing,
    /// One; its bytes, which may be damaged.
    Proof(Vec<u8>),
    /// Proofs that differ.
    Several,
}

/// Whether bytes begin as a PDF does.
pub(super) fn is_pdf(bytes: &[u8]) -> bool {
    let end = bytes.len().min(PDF_START_MAX + PDF.len());
    let start = bytes.get(..end).unwrap_or_default();
    !start.starts_with(&MAGIC) && start.windows(PDF.len()).any(|window| window == PDF)
}

/// Looks for the proof in a PDF.
pub(super) fn find(pdf: &[u8]) -> Attached {
    let mut found = BTreeSet::new();
    let plain = positions(pdf, &MAGIC).map(|at| framed(&pdf[at..]));
    let streams = positions(pdf, STREAM)
        .filter(|at| !pdf[..*at].ends_with(b"end"))
        .take(STREAMS_MAX)
        .filter_map(|at| inflated(&pdf[at + STREAM.len()..]));
    for proof in plain.chain(streams) {
        found.insert(proof);
        if found.len() >= PROOFS_MAX {
            return Attached::Several;
        }
    }
    found.pop_first().map_or(Attached::Nothing, Attached::Proof)
}

/// Where a word stands, in order.
fn positions<'a>(bytes: &'a [u8], word: &'a [u8]) -> impl Iterator<Item = usize> + 'a {
    let windows = bytes.windows(word.len()).enumerate();
    windows
        .filter(move |(_at, window)| *window == word)
        .map(|(at, _window)| at)
}

/// The proof at the start of these bytes, as long as it says it is; a cut one as far as it goes, and
/// one too long just beyond the limit, for the verifier to refuse.
fn framed(bytes: &[u8]) -> Vec<u8> {
    let length = bytes.get(FRAME_BYTES - 4..FRAME_BYTES);
    let length = length.and_then(|length| length.try_into().ok());
    let length = length.map_or(0, u32::from_be_bytes);
    let whole = usize::try_from(length)
        .unwrap_or(usize::MAX)
        .saturating_add(FRAME_BYTES)
        .min(PROOF_BYTES_MAX + 1)
        .min(bytes.len());
    bytes[..whole].to_vec()
}

/// The proof in a Flate stream whose keyword has just ended.
fn inflated(after: &[u8]) -> Option<Vec<u8>> {
    let data = after.strip_prefix(b"\r\n");
    let data = data.or_else(|| after.strip_prefix(b"\n"))?;
    let mut stream = Decompress::new(true);
    let mut start = [0; MAGIC.len()];
    let status = stream.decompress(data, &mut start, FlushDecompress::None);
    (status.is_ok() && start == MAGIC).then_some(())?;
    rest_of(data, stream)
}

/// The proof in a stream whose first bytes were its magic, cut just beyond the limit. A stream that is
/// damaged or cut off holds none: how much of it comes out is up to the program that inflates it, and
/// the verifier in JavaScript must find the same.
fn rest_of(data: &[u8], mut stream: Decompress) -> Option<Vec<u8>> {
    let mut proof = Vec::with_capacity(PROOF_BYTES_MAX + 1);
    proof.extend(MAGIC);
    loop {
        let before = (stream.total_in(), stream.total_out());
        let rest = data.get(usize::try_from(before.0).ok()?..)?;
        let status = stream.decompress_vec(rest, &mut proof, FlushDecompress::None);
        if status.ok()? == Status::StreamEnd || proof.len() > PROOF_BYTES_MAX {
            proof.truncate(PROOF_BYTES_MAX + 1);
            return Some(proof);
        }
        if (stream.total_in(), stream.total_out()) == before {
            return None;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use flate2::Compression;
    use flate2::write::ZlibEncoder;

    use super::*;

    fn proof(fill: u8) -> Vec<u8> {
        let mut proof = MAGIC.to_vec();
        proof.extend([1, 1, 0, 0, 0, 3, fill, fill, fill]);
        proof
    }

    fn pdf(streams: &[&[u8]]) -> Vec<u8> {
        let mut pdf = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n".to_vec();
        for stream in streams {
            pdf.extend(b"1 0 obj\n<< /Type /EmbeddedFile >>\nstream\r\n");
            pdf.extend(*stream);
            pdf.extend(b"\nendstream\nendobj\n");
        }
        pdf.extend(b"trailer\n%%EOF\n");
        pdf
    }

    fn flate(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn a_proof_is_found_as_it_is_and_compressed() {
        let (one, text) = (proof(7), flate(b"BT (invoice) Tj ET"));
        for carried in [one.clone(), flate(&one)] {
            let pdf = pdf(&[&text, &carried, b"plain"]);
            assert!(is_pdf(&pdf));
            assert_eq!(find(&pdf), Attached::Proof(one.clone()));
        }
        // Twice the same is one.
        let twice = pdf(&[&one, &flate(&one)]);
        assert_eq!(find(&twice), Attached::Proof(one));
    }

    #[test]
    fn of_two_proofs_none_is_picked_and_of_none_nothing_is_made_up() {
        let (one, other) = (proof(1), proof(2));
        assert_eq!(find(&pdf(&[&one, &flate(&other)])), Attached::Several);
        assert_eq!(find(&pdf(&[b"text", &flate(b"text")])), Attached::Nothing);
        assert_eq!(find(b"%PDF-1.4"), Attached::Nothing);
        assert_eq!(find(b"%PDF-1.4 stream\n"), Attached::Nothing);
    }

    #[test]
    fn a_damaged_proof_is_handed_over_as_it_is() {
        let cut = &proof(3)[..15];
        let mut file = b"%PDF-1.7\n".to_vec();
        file.extend(cut);
        assert_eq!(find(&file), Attached::Proof(cut.to_vec()));
    }

    #[test]
    fn a_stream_that_is_cut_or_damaged_holds_none() {
        let mut long = proof(3);
        long.extend((0u32..3_000).flat_map(|n| (n * n).to_be_bytes()));
        let whole = flate(&long);
        assert_eq!(find(&pdf(&[&whole])), Attached::Proof(long));
        for end in (0..whole.len()).step_by(23).chain([whole.len() - 1]) {
            let mut file = b"%PDF-1.7\nstream\n".to_vec();
            file.extend(&whole[..end]);
            assert_eq!(find(&file), Attached::Nothing, "cut at {end}");
        }
        let mut sum = whole.clone();
        *sum.last_mut().unwrap() ^= 1;
        assert_eq!(find(&pdf(&[&sum])), Attached::Nothing);
    }

    #[test]
    fn a_stream_that_never_ends_is_cut_at_the_limit() {
        let mut bomb = proof(0);
        bomb.resize(64 * 1024 * 1024, 0);
        let Attached::Proof(found) = find(&pdf(&[&flate(&bomb)])) else {
            panic!("it has the magic");
        };
        assert_eq!(found.len(), PROOF_BYTES_MAX + 1);
    }

    #[test]
    fn a_proof_file_is_no_pdf_whatever_it_shows() {
        let mut shown = proof(0);
        shown.extend(PDF);
        assert!(!is_pdf(&shown));
        let mut late = vec![b' '; PDF_START_MAX + 1];
        late.extend(PDF);
        assert!(!is_pdf(&late));
    }
}
