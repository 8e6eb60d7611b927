//! What damaged data is judged by: a data directory of a real node, what it holds, and whether a
//! damaged copy gives anything else without saying so.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use piao_api::client::IssueOptions;
use piao_chain::digest::ChainId;
use piao_chain::digest::Digest;
use piao_node::config::Settings;
use piao_node::desk::store::{DeskRecord, Private};
use piao_node::doctor::{self, Finding, Options, WayOut};
use piao_node::journal::{BlockJournal, JournalOptions, Proposal, StoredBlock};
use piao_node::node::{Mode, NodeError, OnLoss, Opened, Progress};

use crate::process::{Node, command, draft, final_invoice, key};

/// Invoices in the reference: enough for several segments of [`SEGMENT_BYTES`].
const INVOICES: usize = 26;

/// Small, so that the reference has several segments.
const SEGMENT_BYTES: u64 = 12 * 1024;

/// Keys of a run of the state, for nodes built with crash points: so few that several runs are
/// full, and believed by their summaries.
const RUN_KEYS: (&str, &str) = ("PIAO_CRASH_RUN_KEYS", "8");

/// A data directory that is whole, and what it holds.
pub(crate) struct Reference {
    pub(crate) data: PathBuf,
    pub(crate) content: Content,
    /// Number and document of each invoice, as the node shows it.
    pub(crate) invoices: Vec<(String, serde_json::Value)>,
    _folder: tempfile::TempDir,
}

/// Everything a node holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Content {
    pub(crate) blocks: Vec<StoredBlock>,
    root: Digest,
    desk: Vec<DeskRecord>,
}

/// What reading everything gave.
#[derive(Debug)]
pub(crate) enum Found {
    /// Everything could be read.
    All(Content),
    /// Something was refused while it was read; the line.
    Loud(String),
}

/// Issues an invoice; its number.
pub(crate) async fn issue(node: &Node, name: &str) -> String {
    let (key, options) = (key(name), IssueOptions::default());
    let issued = node.client.issue(draft(|_| ()), &key, &options).await;
    final_invoice(issued.unwrap()).document.number
}

/// A folder in memory where the system has one: the cases are many, and none is about the disk's
/// promises.
pub(crate) fn scratch() -> tempfile::TempDir {
    tempfile::tempdir_in("/dev/shm")
        .or_else(|_none| tempfile::tempdir())
        .unwrap()
}

/// Settings of a data directory.
pub(crate) fn settings(data: &Path) -> Settings {
    Settings {
        data: data.to_owned(),
        log: "off".to_owned(),
        ..Settings::default()
    }
}

impl Reference {
    /// Issues invoices on a real node, ends it once in order and once by SIGKILL, and lays its
    /// blocks into small segments.
    pub(crate) async fn make() -> Self {
        let folder = scratch();
        let data = folder.path().join("data");
        let start = || {
            let mut command = command(&data);
            if cfg!(feature = "crash-points") {
                command.env(RUN_KEYS.0, RUN_KEYS.1);
            }
            Node::start(&data, command)
        };
        let mut node = start();
        let mut invoices = Vec::new();
        for nth in 0..INVOICES {
            if nth == INVOICES - 4 {
                assert!(node.terminate().success());
                node = start();
            }
            let number = issue(&node, &format!("k{nth}")).await;
            let document = node.client.invoice(&number).await.unwrap().document;
            invoices.push((number, serde_json::to_value(document).unwrap()));
        }
        let key = key("t");
        let top_up = node.client.top_up(Some(1), "5.00", "payment", &key).await;
        top_up.unwrap();
        node.kill();
        let chain_id = chain_of(&data);
        lay_into_small_segments(&data.join("blocks"), &chain_id);
        let Ok(Found::All(content)) = look(&data, OnLoss::Refuse) else {
            panic!("the reference is not whole");
        };
        assert!(content.blocks.len() > INVOICES && content.desk.len() > INVOICES);
        let runs = data.join("state").join("runs");
        assert_eq!(runs.exists(), cfg!(feature = "crash-points"), "full runs");
        Self {
            data,
            content,
            invoices,
            _folder: folder,
        }
    }

    /// A copy to damage.
    pub(crate) fn copy(&self) -> tempfile::TempDir {
        let folder = scratch();
        copy(&self.data, &folder.path().join("data"));
        folder
    }
}

fn chain_of(data: &Path) -> ChainId {
    let bytes = std::fs::read(data.join("genesis")).unwrap();
    piao_chain::genesis::Genesis::decode(&bytes)
        .unwrap()
        .chain_id()
}

fn lay_into_small_segments(dir: &Path, chain_id: &ChainId) {
    let small = dir.with_extension("small");
    {
        let (from, _recovered) = BlockJournal::open(dir, chain_id).unwrap();
        let options = JournalOptions {
            segment_bytes: SEGMENT_BYTES,
            ..JournalOptions::default()
        };
        let (mut to, _recovered) = BlockJournal::open_with(&small, chain_id, options).unwrap();
        let reader = from.reader();
        for height in 1..=reader.tip() {
            let block = reader.block(height).unwrap().unwrap();
            let header = reader.header(height).unwrap().unwrap();
            let proposal = Proposal {
                height,
                round: block.certificate.round,
                valid_round: None,
                proposer: header.proposer,
                valid: true,
                block_id: block.block_id,
            };
            to.append_proposed(&proposal, &block.body).unwrap();
            to.append_decided(&block.block_id, &block.outcomes, &block.certificate)
                .unwrap();
        }
    }
    std::fs::remove_dir_all(dir).unwrap();
    std::fs::rename(&small, dir).unwrap();
    let segments = std::fs::read_dir(dir).unwrap().filter(|entry| {
        let name = entry.as_ref().unwrap().file_name();
        name.to_string_lossy().starts_with("blocks-")
    });
    assert!(segments.count() >= 3, "several segments");
}

/// Opens a data directory as a start does and reads everything in it, also what a running node
/// checks after its start.
pub(crate) fn look(data: &Path, on_loss: OnLoss) -> Result<Found, Box<NodeError>> {
    let opened = Opened::open(&settings(data), Mode::Existing, on_loss)?;
    if let Err(error) = opened.restored.cache.verify(&mut || true) {
        return Ok(Found::Loud(error.to_string()));
    }
    let reader = opened.journal.reader();
    let mut blocks = Vec::new();
    for height in 1..=reader.tip() {
        match reader.block(height) {
            Ok(block) => blocks.push(block.unwrap()),
            Err(error) => return Ok(Found::Loud(error.to_string())),
        }
    }
    let mut desk = Vec::new();
    for header in &opened.headers {
        match opened.desk.read(header.seq) {
            Ok(record) => desk.push(record),
            Err(error) => return Ok(Found::Loud(error.to_string())),
        }
    }
    Ok(Found::All(Content {
        blocks,
        root: opened.restored.tree.root(),
        desk,
    }))
}

impl Content {
    /// In what this is another content, for whoever reads of a failure.
    pub(crate) fn difference(&self, whole: &Self) -> String {
        let kinds = |records: &[DeskRecord]| -> Vec<String> {
            let debug = records.iter().map(|record| format!("{record:?}"));
            debug.map(|text| text.chars().take(60).collect()).collect()
        };
        let lost: Vec<_> = whole
            .desk
            .iter()
            .filter(|record| !self.desk.iter().any(|left| is_same_or_erased(left, record)))
            .cloned()
            .collect();
        let new: Vec<_> = self
            .desk
            .iter()
            .filter(|left| {
                !whole
                    .desk
                    .iter()
                    .any(|record| is_same_or_erased(left, record))
            })
            .cloned()
            .collect();
        format!(
            "{} of {} blocks, the same root {}, {} of {} desk records, lost {:?}, new {:?}",
            self.blocks.len(),
            whole.blocks.len(),
            self.root == whole.root,
            self.desk.len(),
            whole.desk.len(),
            kinds(&lost),
            kinds(&new),
        )
    }

    /// Whether this is what is left of `whole` when a tail of blocks, at most so many of the desk's
    /// records and some documents were given up.
    pub(crate) fn is_left_of(&self, whole: &Self, desk_records_lost: usize) -> bool {
        let mut rest = whole.desk.iter();
        let in_order = |left| rest.any(|whole| is_same_or_erased(left, whole));
        self.blocks.len() <= whole.blocks.len()
            && self.blocks[..] == whole.blocks[..self.blocks.len()]
            && (self.blocks.len() < whole.blocks.len() || self.root == whole.root)
            && self.desk.len() + desk_records_lost >= whole.desk.len()
            && self.desk.iter().all(in_order)
    }
}

fn is_same_or_erased(left: &DeskRecord, whole: &DeskRecord) -> bool {
    if left == whole {
        return true;
    }
    let mut erased = whole.clone();
    if let DeskRecord::Accepted {
        draft, document, ..
    } = &mut erased
    {
        (*draft, *document) = (Private::Erased, Private::Erased);
    }
    *left == erased
}

/// What the doctor says of a data directory; it must not change a byte of it.
pub(crate) fn doctor(data: &Path) -> Vec<Finding> {
    let before = hashes(data);
    let options = Options {
        deep: true,
        program: None,
    };
    let report = doctor::examine(&settings(data), &options, &mut |_height, _of| {}).unwrap();
    assert_eq!(hashes(data), before, "the doctor changed something");
    report.findings
}

/// Every file of a folder with its hash and permissions.
pub(crate) fn hashes(data: &Path) -> BTreeMap<PathBuf, (blake3::Hash, u32)> {
    use std::os::unix::fs::MetadataExt as _;
    let mut found = BTreeMap::new();
    let mut folders = vec![data.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let bytes = std::fs::read(&path).unwrap();
                let mode = path.metadata().unwrap().mode();
                found.insert(path, (blake3::hash(&bytes), mode));
            }
        }
    }
    found
}

/// Does what a way out says.
pub(crate) fn go(way: &WayOut, data: &Path, reference: &Reference) -> Result<(), String> {
    let text = |error: NodeError| error.to_string();
    match way {
        WayOut::PutBack(files) => {
            for file in files {
                put_back(file, data, &reference.data);
            }
            Ok(())
        }
        WayOut::Reindex => {
            let progress = &mut Progress::in_the_log();
            let done = piao_node::node::reindex(&settings(data), progress);
            done.map(|_done| ()).map_err(text)
        }
        WayOut::AcceptLoss { .. } => {
            let opened = Opened::open(&settings(data), Mode::Existing, OnLoss::Accept);
            let opened = opened.map_err(text)?;
            assert_written_down(data, &opened.notices);
            Ok(())
        }
        WayOut::Start => {
            let opened = Opened::open(&settings(data), Mode::Existing, OnLoss::Refuse);
            opened.map(drop).map_err(text)
        }
        other => Err(format!("no test does {other:?}")),
    }
}

/// What was given up is said and stands in the file that remembers.
fn assert_written_down(data: &Path, notices: &[String]) {
    assert!(!notices.is_empty(), "it says what is lost");
    let audit = std::fs::read_to_string(data.join("accepted-loss.log")).unwrap();
    for notice in notices {
        assert!(audit.contains(notice.as_str()), "{audit}");
    }
}

/// Puts a copy of a file or folder back in place.
pub(crate) fn put_back(file: &Path, data: &Path, backup: &Path) {
    let inside = file.strip_prefix(data).unwrap();
    let from = backup.join(inside);
    if from.is_dir() {
        drop(std::fs::remove_dir_all(file));
        copy(&from, file);
    } else {
        std::fs::copy(from, file).unwrap();
    }
}

/// Copies a folder with everything in it.
pub(crate) fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// Numbers that follow from a seed (splitmix64).
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    /// A number below `bound`.
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % bound.max(1)
    }
}
