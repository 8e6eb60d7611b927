//! Reading with a bound, and writing so that a power cut leaves the old file or the new one.

use std::fs::{self, File};
use std::io::{self, BufWriter, Read as _, Write as _};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

/// Reads a file or stream, at most `bytes_max` bytes.
///
/// # Errors
/// Of kind `FileTooLarge` beyond the bound; else what the system says.
pub(crate) fn read_bounded(path: &Path, bytes_max: usize) -> io::Result<Vec<u8>> {
    take_bounded(File::open(path)?, bytes_max)
}

/// Reads a stream to its end, at most `bytes_max` bytes.
///
/// # Errors
/// As [`read_bounded`].
pub(crate) fn take_bounded(stream: impl io::Read, bytes_max: usize) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let one_more = u64::try_from(bytes_max)
        .unwrap_or(u64::MAX)
        .saturating_add(1);
    stream.take(one_more).read_to_end(&mut bytes)?;
    if bytes.len() > bytes_max {
        return Err(io::Error::from(io::ErrorKind::FileTooLarge));
    }
    Ok(bytes)
}

/// Writes a new private file (0600) whole; its directory is made if missing (0700).
///
/// # Errors
/// Of kind `AlreadyExists` when there is a file; else what the system says.
pub(crate) fn write_new(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let dir = parent(path);
    make_private_dir(dir)?;
    let file = filled(dir, bytes)?;
    file.persist_noclobber(path).map_err(|error| error.error)?;
    sync_dir(dir)
}

/// Writes a file whole, in place of any old one.
///
/// # Errors
/// What the system says.
pub(crate) fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let dir = parent(path);
    let file = filled(dir, bytes)?;
    file.persist(path).map_err(|error| error.error)?;
    sync_dir(dir)
}

/// A file that is written piece by piece, and takes the place of any old one when it is whole.
#[derive(Debug)]
pub(crate) struct Replacement {
    file: BufWriter<NamedTempFile>,
    path: PathBuf,
}

impl Replacement {
    /// Begins one, of mode 0600, beside its place.
    ///
    /// # Errors
    /// What the system says.
    pub(crate) fn begin(path: &Path) -> io::Result<Self> {
        Ok(Self {
            file: BufWriter::new(NamedTempFile::new_in(parent(path))?),
            path: path.to_owned(),
        })
    }

    /// Puts it in its place, synced. Without this the old file stays.
    ///
    /// # Errors
    /// What the system says.
    pub(crate) fn commit(self) -> io::Result<()> {
        let file = self
            .file
            .into_inner()
            .map_err(io::IntoInnerError::into_error)?;
        file.as_file().sync_all()?;
        file.persist(&self.path).map_err(|error| error.error)?;
        sync_dir(parent(&self.path))
    }
}

impl io::Write for Replacement {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

/// Makes a directory that only its owner may enter, with those above it.
///
/// # Errors
/// What the system says.
pub(crate) fn make_private_dir(dir: &Path) -> io::Result<()> {
    if dir.is_dir() {
        return Ok(());
    }
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(dir)
}

/// Makes the entries of a directory durable.
///
/// # Errors
/// What the system says.
pub(crate) fn sync_dir(dir: &Path) -> io::Result<()> {
    File::open(dir)?.sync_all()
}

/// Permission bits of a file; 0600 where the system has none.
///
/// # Errors
/// What the system says.
pub(crate) fn mode(path: &Path) -> io::Result<u32> {
    let metadata = fs::metadata(path)?;
    #[cfg(unix)]
    let mode = std::os::unix::fs::PermissionsExt::mode(&metadata.permissions()) & 0o777;
    #[cfg(not(unix))]
    let mode = if metadata.is_file() { 0o600 } else { 0o700 };
    Ok(mode)
}

/// The directory a file lies in; `.` for a bare name.
pub(crate) fn parent(path: &Path) -> &Path {
    match path.parent() {
        Some(dir) if dir.as_os_str().is_empty() => Path::new("."),
        Some(dir) => dir,
        None => Path::new("/"),
    }
}

/// A synced temporary file beside the final place, of mode 0600 from the start.
fn filled(dir: &Path, bytes: &[u8]) -> io::Result<NamedTempFile> {
    let mut file = NamedTempFile::new_in(dir)?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    Ok(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_file_is_private_and_never_replaces_one() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("deep/a.key");
        write_new(&path, b"one").unwrap();
        assert_eq!(mode(&path).unwrap(), 0o600);
        assert_eq!(mode(&dir.path().join("deep")).unwrap(), 0o700);
        let again = write_new(&path, b"two").unwrap_err();
        assert_eq!(again.kind(), io::ErrorKind::AlreadyExists);
        assert_eq!(fs::read(&path).unwrap(), b"one");
        assert_eq!(fs::read_dir(dir.path().join("deep")).unwrap().count(), 1);
    }

    #[test]
    fn a_file_over_the_bound_is_not_read() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a");
        replace(&path, &[0; 10]).unwrap();
        assert_eq!(read_bounded(&path, 10).unwrap().len(), 10);
        let error = read_bounded(&path, 9).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::FileTooLarge);
    }
}
