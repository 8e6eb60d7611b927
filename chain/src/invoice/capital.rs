//! Amounts in Chinese capitals (大写金额), as an invoice prints them.
//!
//! Guards: one spelling per amount, the one the desk prints and compares with.

use crate::amount::Fen;

const DIGITS: [char; 10] = ['零', '壹', '贰', '叁', '肆', '伍', '陆', '柒', '捌', '玖'];
/// Units within a group of four digits, from the lowest.
const PLACES: [&str; 4] = ["", "拾", "佰", "仟"];
/// Digits written out: everything an amount within bounds can have, with room to spare.
const INTEGER_DIGITS: u32 = 20;

/// Where a 零 may stand or not (支付结算办法 附一 票据正确填写): the texts differ, the amount does not.
#[derive(Clone, Copy)]
struct Zeros {
    /// After 万 or 亿 whose last digit is nought, before 仟: 壹拾万零伍仟圆.
    after_group: bool,
    /// After 圆 whose last digit is nought, before 角: 壹拾圆零柒角.
    after_yuan: bool,
}

/// As the desk prints it.
const PRINTED: Zeros = Zeros {
    after_group: true,
    after_yuan: false,
};

/// The amount in capitals: 10.70 is 壹拾圆柒角整, and −150.00 is （负数）壹佰伍拾圆整.
#[must_use]
pub fn capital(amount: Fen) -> String {
    spell(amount, PRINTED)
}

fn spell(amount: Fen, zeros: Zeros) -> String {
    let magnitude = amount.fen().unsigned_abs();
    let (yuan, fen) = (magnitude.div_euclid(100), magnitude.rem_euclid(100));
    let mut text = String::new();
    if amount < Fen::ZERO {
        text.push_str("（负数）");
    }
    if yuan != 0 || fen == 0 {
        push_integer(&mut text, yuan, zeros.after_group);
        text.push('圆');
    }
    if zeros.after_yuan && yuan != 0 && yuan.rem_euclid(10) == 0 && fen >= 10 {
        text.push(digit(0));
    }
    push_fraction(&mut text, yuan != 0, fen);
    text
}

/// Whether a text a merchant wrote means the amount, in any spelling in use: 元 for 圆, 正 for 整,
/// and 零 where it may stand or not.
#[must_use]
pub(super) fn means(text: &str, amount: Fen) -> bool {
    let text = text.trim().replace('元', "圆").replace('正', "整");
    [(true, false), (false, false), (true, true), (false, true)]
        .into_iter()
        .any(|(after_group, after_yuan)| {
            text == spell(
                amount,
                Zeros {
                    after_group,
                    after_yuan,
                },
            )
        })
}

/// Writes an integer; runs of zeros within it become one 零.
fn push_integer(text: &mut String, value: u64, zero_after_group: bool) {
    if value == 0 {
        text.push(digit(0));
        return;
    }
    let (mut started, mut zero_waits) = (false, false);
    let (mut group_has_digit, mut upper_has_digit, mut group_above) = (false, false, false);
    for place in (0..INTEGER_DIGITS).rev() {
        let scale = 10_u64.checked_pow(place).unwrap_or(u64::MAX);
        let figure = value.checked_div(scale).unwrap_or(0).rem_euclid(10);
        if figure == 0 {
            zero_waits = started;
        } else {
            // Below a group of noughts 零 stands always.
            let optional = place.rem_euclid(4) == 3 && group_above;
            if zero_waits && (zero_after_group || !optional) {
                text.push(digit(0));
            }
            text.push(digit(figure));
            text.push_str(place_unit(place));
            (started, zero_waits, group_has_digit) = (true, false, true);
        }
        upper_has_digit |= group_has_digit;
        match place {
            8 | 16 if upper_has_digit => text.push('亿'),
            4 | 12 if group_has_digit => text.push('万'),
            _ => {}
        }
        if place.rem_euclid(4) == 0 {
            group_above = group_has_digit;
            group_has_digit = false;
        }
    }
}

/// Writes 角 and 分, or 整.
fn push_fraction(text: &mut String, has_integer: bool, fen: u64) {
    let (jiao, fen) = (fen.div_euclid(10), fen.rem_euclid(10));
    match (jiao, fen) {
        (0, 0) => text.push('整'),
        (0, fen) => {
            if has_integer {
                text.push(digit(0));
            }
            text.extend([digit(fen), '分']);
        }
        (jiao, 0) => text.extend([digit(jiao), '角', '整']),
        (jiao, fen) => text.extend([digit(jiao), '角', digit(fen), '分']),
    }
}

/// Capital of one digit.
fn digit(value: u64) -> char {
    usize::try_from(value)
        .ok()
        .and_then(|value| DIGITS.get(value))
        .copied()
        .unwrap_or('零')
}

/// Unit of a place within its group of four.
fn place_unit(place: u32) -> &'static str {
    usize::try_from(place.rem_euclid(4))
        .ok()
        .and_then(|unit| PLACES.get(unit))
        .unwrap_or(&"")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_written_as_invoices_print_them() {
        let cases = [
            ("0.00", "零圆整"),
            ("0.01", "壹分"),
            ("0.10", "壹角整"),
            ("10.70", "壹拾圆柒角整"),
            ("100.45", "壹佰圆肆角伍分"),
            ("10001.00", "壹万零壹圆整"),
            ("1010.10", "壹仟零壹拾圆壹角整"),
            ("100000001.05", "壹亿零壹圆零伍分"),
            ("2130.00", "贰仟壹佰叁拾圆整"),
            ("2.12", "贰圆壹角贰分"),
            ("-150.00", "（负数）壹佰伍拾圆整"),
            ("1.05", "壹圆零伍分"),
            ("10.00", "壹拾圆整"),
            ("10000.00", "壹万圆整"),
            ("100000.00", "壹拾万圆整"),
            ("105000.00", "壹拾万零伍仟圆整"),
            ("10100000.00", "壹仟零壹拾万圆整"),
            ("99999999.99", "玖仟玖佰玖拾玖万玖仟玖佰玖拾玖圆玖角玖分"),
            ("100000000.00", "壹亿圆整"),
            ("100005000.00", "壹亿零伍仟圆整"),
            ("100010000.00", "壹亿零壹万圆整"),
            ("110000000.00", "壹亿壹仟万圆整"),
            ("10000000001.00", "壹佰亿零壹圆整"),
            ("100001000000.00", "壹仟亿零壹佰万圆整"),
            ("-0.01", "（负数）壹分"),
            ("1000000000000.00", "壹万亿圆整"),
            ("1000100000000.00", "壹万零壹亿圆整"),
            (
                "9999999999999999.99",
                "玖仟玖佰玖拾玖万玖仟玖佰玖拾玖亿玖仟玖佰玖拾玖万玖仟玖佰玖拾玖圆玖角玖分",
            ),
        ];
        for (amount, text) in cases {
            assert_eq!(
                capital(Fen::parse_signed(amount).unwrap()),
                text,
                "{amount}"
            );
        }
    }

    #[test]
    fn both_spellings_of_the_unit_mean_the_amount() {
        let amount = Fen::parse_unsigned("106.00").unwrap();
        assert!(means("壹佰零陆元正", amount));
        assert!(!means("壹佰零柒圆整", amount));
    }

    #[test]
    fn a_nought_that_may_be_left_out_means_the_same() {
        let means = |text, amount| means(text, Fen::parse_signed(amount).unwrap());
        assert!(means("壹拾万伍仟圆整", "105000.00"));
        assert!(means("壹拾万零伍仟圆整", "105000.00"));
        assert!(means("壹佰圆零肆角伍分", "100.45"));
        assert!(means("壹拾元零柒角整", "10.70"));
        assert!(
            !means("壹亿伍仟圆整", "100005000.00"),
            "a whole group is nought"
        );
        assert!(!means("壹佰零圆肆角伍分", "100.45"));
        assert!(!means("壹佰壹圆整", "101.00"));
        assert!(!means("壹佰伍拾圆整", "-150.00"));
    }
}
