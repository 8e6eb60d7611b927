//! The link of an invoice and its QR code: `https://host/i/<number>`, for its owner with `#<secret>`
//! behind it, which opens the document (SPEC 8.6); version 6 at most at error
//! correction M, so that it is read from a small print on thermal paper.
//!
//! Guards: the code holds the link and nothing else; a link that would need a finer code is refused
//! rather than printed too small to read.

use qrcode::{EcLevel, QrCode, Version};

/// The largest version printed: 41 modules a side.
pub const VERSION_MAX: i16 = 6;
/// Light modules around a code (ISO/IEC 18004, 9.1).
pub const QUIET_MODULES: usize = 4;

/// Where the page of an invoice is, on the node or host at `base`.
#[must_use]
pub fn invoice_link(base: &str, number: &str) -> String {
    format!("{}/i/{number}", base.trim_end_matches('/'))
}

/// The same with what its owner was told of it: `/i/<number>#<secret>`.
#[must_use]
pub fn view_link(base: &str, path: &str) -> String {
    format!("{}{path}", base.trim_end_matches('/'))
}

/// A QR code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinkCode {
    /// 1 to [`VERSION_MAX`].
    pub version: i16,
    /// Modules a side, without the quiet zone.
    pub width: usize,
    /// Whether each module is dark, row by row from the top left.
    dark: Vec<bool>,
}

impl LinkCode {
    /// The code of a link; `None` when it is too long for [`VERSION_MAX`].
    #[must_use]
    pub fn of(link: &str) -> Option<Self> {
        let code = QrCode::with_error_correction_level(link, EcLevel::M).ok()?;
        let Version::Normal(version) = code.version() else {
            return None;
        };
        (version <= VERSION_MAX).then(|| Self {
            version,
            width: code.width(),
            dark: code
                .to_colors()
                .iter()
                .map(|c| c.select(true, false))
                .collect(),
        })
    }

    /// Whether a module is dark; the quiet zone and beyond is light. Counted from the corner of the
    /// quiet zone.
    #[must_use]
    pub fn is_dark(&self, x: usize, y: usize) -> bool {
        let inside = |at: usize| at.checked_sub(QUIET_MODULES).filter(|at| *at < self.width);
        let place = inside(x).zip(inside(y));
        let place = place.and_then(|(x, y)| self.dark.get(y.saturating_mul(self.width) + x));
        place.copied().unwrap_or(false)
    }

    /// Modules a side with the quiet zone.
    #[must_use]
    pub fn full_width(&self) -> usize {
        self.width.saturating_add(2 * QUIET_MODULES)
    }

    /// The dark modules as the path of an SVG, one module being one unit.
    #[must_use]
    pub fn svg_path(&self) -> String {
        let width = self.full_width();
        let mut path = String::new();
        for y in 0..width {
            let mut x = 0;
            while x < width {
                let run = (x..width).take_while(|at| self.is_dark(*at, y)).count();
                if run > 0 {
                    path.push_str(&format!("M{x} {y}h{run}v1h-{run}z"));
                }
                x += run.max(1);
            }
        }
        path
    }

    /// The code as an SVG file.
    #[must_use]
    pub fn svg(&self) -> String {
        let (width, path) = (self.full_width(), self.svg_path());
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {width}\" \
             shape-rendering=\"crispEdges\"><path fill=\"#fff\" d=\"M0 0h{width}v{width}H0z\"/>\
             <path d=\"{path}\"/></svg>\n"
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NUMBER: &str = "26427000000000000001";

    #[test]
    fn a_usual_host_fits_and_too_long_a_one_is_refused() {
        let link = invoice_link("https://fapiao.example.com.cn/", NUMBER);
        assert_eq!(link, "https://fapiao.example.com.cn/i/26427000000000000001");
        let code = LinkCode::of(&link).unwrap();
        assert!(code.version <= 4, "{}", code.version);
        assert_eq!(code.width, 17 + 4 * usize::try_from(code.version).unwrap());
        let long = invoice_link(&format!("https://{}.cn", "x".repeat(100)), NUMBER);
        assert_eq!(LinkCode::of(&long), None);
    }

    #[test]
    fn a_link_with_its_secret_fits_behind_a_host_of_sixty_characters() {
        let path = format!("/i/{NUMBER}#{}", "Az0_-9xYAz0_-9xYAz0_-9");
        let usual = view_link("https://fapiao.example.com.cn/", &path);
        assert_eq!(usual, format!("https://fapiao.example.com.cn{path}"));
        assert_eq!(usual.len(), 29 + 46);
        assert!(LinkCode::of(&usual).unwrap().version <= 5);
        let base = |length: usize| format!("https://{}.cn", "x".repeat(length - 11));
        let longest = LinkCode::of(&view_link(&base(60), &path)).unwrap();
        assert_eq!(longest.version, VERSION_MAX);
        assert_eq!(LinkCode::of(&view_link(&base(90), &path)), None);
    }

    #[test]
    fn the_drawing_is_the_code() {
        let code = LinkCode::of(&invoice_link("http://127.0.0.1:8080", NUMBER)).unwrap();
        let width = code.full_width();
        // Draw the path again, and compare every module.
        let mut drawn = vec![false; width * width];
        for part in code.svg_path().split('M').filter(|part| !part.is_empty()) {
            let (x, rest) = part.split_once(' ').unwrap();
            let (y, rest) = rest.split_once('h').unwrap();
            let (run, _) = rest.split_once('v').unwrap();
            let [x, y, run] = [x, y, run].map(|text| text.parse::<usize>().unwrap());
            drawn[y * width + x..][..run].fill(true);
        }
        for y in 0..width {
            for x in 0..width {
                assert_eq!(drawn[y * width + x], code.is_dark(x, y), "{x} {y}");
            }
        }
        // A finder in three corners, and nothing in the quiet zone.
        let last = width - QUIET_MODULES - 1;
        for (x, y) in [(4, 4), (last, 4), (4, last)] {
            assert!(code.is_dark(x, y));
        }
        assert!(!(0..width).any(|at| code.is_dark(3, at) || code.is_dark(at, width - 1)));
        assert!(
            code.svg()
                .contains(&format!("viewBox=\"0 0 {width} {width}\""))
        );
    }
}
