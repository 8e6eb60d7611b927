//! Regions of the country (GB/T 2260), as far as a resident id needs them.
//!
//! Guards: a resident id names a region that exists or existed. An id keeps the code of the place
//! and year it was given in, and thousands of counties and dozens of prefectures have been merged
//! since, so counties are not looked up, and the number ranges that abolished prefectures used
//! stay accepted: a doubtful region never refuses a person.

/// Municipalities: 北京, 天津, 上海, 重庆. Their third and fourth digit is a kind of district.
const MUNICIPALITIES: [u16; 4] = [11, 12, 31, 50];

/// Regions without prefectures: 台湾, 香港, 澳门, and 81–83 as used in residence permits.
const WITHOUT_PREFECTURES: [u16; 4] = [71, 81, 82, 83];

/// Prefectures that were abolished, outside the range of [`is_former_prefecture`]: 黄山 as a city
/// under its province, 巢湖, 莱芜, 海南 before it had prefectures, 重庆 when it was part of 四川, and
/// 万县.
const ABOLISHED: [u16; 6] = [3409, 3414, 3712, 4600, 5102, 5112];

/// Cities directly under a province: everywhere from 1986 to 1989, in a few provinces today.
const UNDER_PROVINCE: u16 = 90;

/// Whether six digits can be the region of a resident id.
#[must_use]
pub(super) fn is_known(code: u32) -> bool {
    let prefecture = u16::try_from(code.div_euclid(100)).unwrap_or(u16::MAX);
    let (province, within) = (prefecture.div_euclid(100), prefecture.rem_euclid(100));
    let county = code.rem_euclid(100);
    if WITHOUT_PREFECTURES.contains(&province) {
        return within == 0 && county == 0;
    }
    if MUNICIPALITIES.contains(&province) {
        return (1..=3).contains(&within) && county != 0;
    }
    let known = PREFECTURES.binary_search(&prefecture).is_ok()
        || ABOLISHED.contains(&prefecture)
        || is_former_prefecture(province, within);
    known && county != 0
}

/// 地区, 自治州 and 盟 are numbered 21–50 within a province, and most have become cities.
fn is_former_prefecture(province: u16, within: u16) -> bool {
    let province_exists = PREFECTURES
        .iter()
        .any(|prefecture| prefecture.div_euclid(100) == province);
    province_exists && ((21..=50).contains(&within) || within == UNDER_PROVINCE)
}

/// Prefectures of today, four digits, ascending.
const PREFECTURES: [u16; 342] = [
    1101, 1201, 1301, 1302, 1303, 1304, 1305, 1306, 1307, 1308, 1309, 1310, 1311, 1401, 1402, 1403,
    1404, 1405, 1406, 1407, 1408, 1409, 1410, 1411, 1501, 1502, 1503, 1504, 1505, 1506, 1507, 1508,
    1509, 1522, 1525, 1529, 2101, 2102, 2103, 2104, 2105, 2106, 2107, 2108, 2109, 2110, 2111, 2112,
    2113, 2114, 2201, 2202, 2203, 2204, 2205, 2206, 2207, 2208, 2224, 2301, 2302, 2303, 2304, 2305,
    2306, 2307, 2308, 2309, 2310, 2311, 2312, 2327, 3101, 3201, 3202, 3203, 3204, 3205, 3206, 3207,
    3208, 3209, 3210, 3211, 3212, 3213, 3301, 3302, 3303, 3304, 3305, 3306, 3307, 3308, 3309, 3310,
    3311, 3401, 3402, 3403, 3404, 3405, 3406, 3407, 3408, 3410, 3411, 3412, 3413, 3415, 3416, 3417,
    3418, 3501, 3502, 3503, 3504, 3505, 3506, 3507, 3508, 3509, 3601, 3602, 3603, 3604, 3605, 3606,
    3607, 3608, 3609, 3610, 3611, 3701, 3702, 3703, 3704, 3705, 3706, 3707, 3708, 3709, 3710, 3711,
    3713, 3714, 3715, 3716, 3717, 4101, 4102, 4103, 4104, 4105, 4106, 4107, 4108, 4109, 4110, 4111,
    4112, 4113, 4114, 4115, 4116, 4117, 4190, 4201, 4202, 4203, 4205, 4206, 4207, 4208, 4209, 4210,
    4211, 4212, 4213, 4228, 4290, 4301, 4302, 4303, 4304, 4305, 4306, 4307, 4308, 4309, 4310, 4311,
    4312, 4313, 4331, 4401, 4402, 4403, 4404, 4405, 4406, 4407, 4408, 4409, 4412, 4413, 4414, 4415,
    4416, 4417, 4418, 4419, 4420, 4451, 4452, 4453, 4501, 4502, 4503, 4504, 4505, 4506, 4507, 4508,
    4509, 4510, 4511, 4512, 4513, 4514, 4601, 4602, 4603, 4604, 4690, 5001, 5002, 5101, 5103, 5104,
    5105, 5106, 5107, 5108, 5109, 5110, 5111, 5113, 5114, 5115, 5116, 5117, 5118, 5119, 5120, 5132,
    5133, 5134, 5201, 5202, 5203, 5204, 5205, 5206, 5223, 5226, 5227, 5301, 5303, 5304, 5305, 5306,
    5307, 5308, 5309, 5323, 5325, 5326, 5328, 5329, 5331, 5333, 5334, 5401, 5402, 5403, 5404, 5405,
    5406, 5425, 6101, 6102, 6103, 6104, 6105, 6106, 6107, 6108, 6109, 6110, 6201, 6202, 6203, 6204,
    6205, 6206, 6207, 6208, 6209, 6210, 6211, 6212, 6229, 6230, 6301, 6302, 6322, 6323, 6325, 6326,
    6327, 6328, 6401, 6402, 6403, 6404, 6405, 6501, 6502, 6504, 6505, 6523, 6527, 6528, 6529, 6530,
    6531, 6532, 6540, 6542, 6543, 6590,
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regions_of_today_and_of_the_past_are_known() {
        for code in [
            110_101, 420_106, 440_524, 360_426, 510_202, 512_222, 371_202, 810_000, 339_003,
            219_002, 340_901, 511_202,
        ] {
            assert!(is_known(code), "{code}");
        }
    }

    #[test]
    fn regions_that_never_were_are_not() {
        for code in [
            0, 123_456, 990_101, 110_100, 449_901, 100_101, 820_001, 1_101_011,
        ] {
            assert!(!is_known(code), "{code}");
        }
    }

    #[test]
    fn the_table_ascends() {
        assert!(PREFECTURES.is_sorted_by(|a, b| a < b));
    }
}
