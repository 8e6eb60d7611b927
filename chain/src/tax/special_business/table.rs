//! The table of special businesses.
//!
//! Numbers and names are those of the national interface (乐企 V5.001 特定要素代码); which element
//! there is and how long it may be comes from interface documents of vendors, after GB/T
//! 42965.2-2023 (电子发票业务数据规范 第2部分：特定要素), whose text was not seen. Numbers 21 to 31
//! are in no source. A row that is off says why in its basis.

use super::{Element, ElementKind, Kinds, LineRule, Need, SpecialBusiness};

/// A row that is declared and off, for any kind and any line.
const OFF: SpecialBusiness = SpecialBusiness {
    number: 0,
    word: "",
    zh: "",
    in_force: false,
    kinds: Kinds::Both,
    one_line: false,
    elements: &[],
    line: LineRule::Free,
    buyer_id: false,
    class_codes: &[],
    basis: "乐企 V5.001 特定要素代码；要素未见于资料，暂不开放",
};

/// A row that is in force.
const OPEN: SpecialBusiness = SpecialBusiness {
    in_force: true,
    basis: "乐企 V5.001 特定要素；GB/T 42965.2-2023",
    ..OFF
};

const TEXT: Element = Element {
    name: "",
    zh: "",
    kind: ElementKind::Text,
    need: Need::Required,
    chars_max: 80,
};

const CROSS_CITY: Element = Element {
    name: "cross_city",
    zh: "跨地（市）标志",
    kind: ElementKind::Flag,
    ..TEXT
};
const LAND_TAX_PROJECT: Element = Element {
    name: "land_tax_project",
    zh: "土地增值税项目编号",
    need: Need::Optional,
    chars_max: 40,
    ..TEXT
};
const DEED_NO: Element = Element {
    name: "deed_no",
    zh: "产权证书/不动产权证号",
    chars_max: 40,
    ..TEXT
};
const PROPERTY_PLACE: Element = Element {
    name: "place",
    zh: "不动产地址",
    chars_max: 60,
    ..TEXT
};
const PROPERTY_ADDRESS: Element = Element {
    name: "address",
    zh: "不动产详细地址",
    kind: ElementKind::Street,
    chars_max: 60,
    ..TEXT
};

const CONSTRUCTION: [Element; 6] = [
    Element {
        name: "place",
        zh: "建筑服务发生地",
        chars_max: 60,
        ..TEXT
    },
    // Some documents require it, others join it to the place.
    Element {
        name: "address",
        zh: "建筑服务详细地址",
        need: Need::Optional,
        chars_max: 60,
        ..TEXT
    },
    Element {
        name: "project",
        zh: "建筑项目名称",
        ..TEXT
    },
    CROSS_CITY,
    LAND_TAX_PROJECT,
    // Some documents require it where the project lies in another city; not settled.
    Element {
        name: "cross_region_no",
        zh: "跨区域涉税事项报验管理编号",
        need: Need::Optional,
        chars_max: 50,
        ..TEXT
    },
];

const FREIGHT: [Element; 5] = [
    Element {
        name: "from",
        zh: "起运地",
        ..TEXT
    },
    Element {
        name: "to",
        zh: "到达地",
        ..TEXT
    },
    Element {
        name: "vehicle",
        zh: "运输工具种类",
        kind: ElementKind::Choice(&["铁路运输", "公路运输", "水路运输", "航空运输", "管道运输"]),
        chars_max: 40,
        ..TEXT
    },
    Element {
        name: "plate",
        zh: "运输工具牌号",
        chars_max: 40,
        ..TEXT
    },
    Element {
        name: "goods",
        zh: "运输货物名称",
        ..TEXT
    },
];

const PROPERTY_SALE: [Element; 6] = [
    PROPERTY_PLACE,
    PROPERTY_ADDRESS,
    CROSS_CITY,
    // A new building may have no deed yet.
    Element {
        need: Need::Optional,
        ..DEED_NO
    },
    Element {
        name: "contract_no",
        zh: "不动产单元代码/网签合同备案编号",
        need: Need::Optional,
        chars_max: 28,
        ..TEXT
    },
    LAND_TAX_PROJECT,
];

const PROPERTY_LEASE: [Element; 6] = [
    DEED_NO,
    PROPERTY_PLACE,
    PROPERTY_ADDRESS,
    CROSS_CITY,
    Element {
        name: "lease_from",
        zh: "租赁期起",
        kind: ElementKind::Date,
        ..TEXT
    },
    Element {
        name: "lease_to",
        zh: "租赁期止",
        kind: ElementKind::Date,
        ..TEXT
    },
];

const PASSENGER: [Element; 8] = [
    Element {
        name: "traveller",
        zh: "出行人",
        chars_max: 75,
        ..TEXT
    },
    Element {
        name: "id_type",
        zh: "出行人证件类型",
        kind: ElementKind::PersonIdType,
        need: Need::Optional,
        ..TEXT
    },
    Element {
        name: "id_number",
        zh: "出行人证件号码",
        kind: ElementKind::PersonId,
        chars_max: 40,
        ..TEXT
    },
    Element {
        name: "date",
        zh: "出行日期",
        kind: ElementKind::Date,
        ..TEXT
    },
    Element {
        name: "from",
        zh: "出发地",
        ..TEXT
    },
    Element {
        name: "to",
        zh: "到达地",
        ..TEXT
    },
    Element {
        name: "vehicle",
        zh: "交通工具类型",
        chars_max: 40,
        ..TEXT
    },
    Element {
        name: "class",
        zh: "等级",
        need: Need::When("vehicle", &["火车", "飞机", "船舶"]),
        chars_max: 20,
        ..TEXT
    },
];

/// Units of area an invoice prints.
const AREA_UNITS: &[&str] = &["平方米", "㎡", "平方千米", "k㎡", "公顷", "h㎡", "亩"];

/// Those of the second rule set, ascending by number.
pub(in crate::tax) static SPECIAL_BUSINESSES: [SpecialBusiness; 21] = [
    SpecialBusiness {
        number: 1,
        word: "oil",
        zh: "成品油",
        line: LineRule::Measured(&["吨", "升"]),
        class_codes: &[
            "107010101",
            "107010102",
            "107010103",
            "107010104",
            "107010105",
            "107010106",
            "107010107",
        ],
        ..OPEN
    },
    SpecialBusiness {
        number: 2,
        word: "rare_earth",
        zh: "稀土",
        ..OFF
    },
    SpecialBusiness {
        number: 3,
        word: "construction",
        zh: "建筑服务",
        one_line: true,
        elements: &CONSTRUCTION,
        line: LineRule::AmountOnly,
        class_codes: &["305"],
        ..OPEN
    },
    SpecialBusiness {
        number: 4,
        word: "freight",
        zh: "货物运输服务",
        elements: &FREIGHT,
        class_codes: &["3010102", "3010202", "301030102", "30104"],
        ..OPEN
    },
    SpecialBusiness {
        number: 5,
        word: "property_sale",
        zh: "不动产销售",
        one_line: true,
        elements: &PROPERTY_SALE,
        line: LineRule::Unit(AREA_UNITS),
        class_codes: &["5"],
        ..OPEN
    },
    SpecialBusiness {
        number: 6,
        word: "property_lease",
        zh: "不动产经营租赁服务",
        one_line: true,
        elements: &PROPERTY_LEASE,
        line: LineRule::Unit(AREA_UNITS),
        class_codes: &["304050202"],
        ..OPEN
    },
    SpecialBusiness {
        number: 7,
        word: "vehicle_tax",
        zh: "代收车船税",
        ..OFF
    },
    SpecialBusiness {
        number: 8,
        word: "toll",
        zh: "通行费",
        ..OFF
    },
    SpecialBusiness {
        number: 9,
        word: "passenger_transport",
        zh: "旅客运输服务",
        elements: &PASSENGER,
        class_codes: &["3010101", "3010201", "301030101"],
        ..OPEN
    },
    SpecialBusiness {
        number: 10,
        word: "inpatient_care",
        zh: "医疗服务（住院）",
        ..OFF
    },
    SpecialBusiness {
        number: 11,
        word: "outpatient_care",
        zh: "医疗服务（门诊）",
        ..OFF
    },
    SpecialBusiness {
        number: 12,
        word: "own_farm_products",
        zh: "自产农产品销售",
        ..OFF
    },
    SpecialBusiness {
        number: 13,
        word: "tractor",
        zh: "拖拉机和联合收割机",
        ..OFF
    },
    SpecialBusiness {
        number: 14,
        word: "motor_vehicle",
        zh: "机动车",
        ..OFF
    },
    SpecialBusiness {
        number: 15,
        word: "used_vehicle",
        zh: "二手车",
        ..OFF
    },
    SpecialBusiness {
        number: 16,
        word: "farm_purchase",
        zh: "农产品收购",
        kinds: Kinds::General,
        buyer_id: true,
        basis: "乐企 V5.001 特定要素（购买方证件必填）；收购发票为普通发票",
        ..OPEN
    },
    SpecialBusiness {
        number: 17,
        word: "solar_purchase",
        zh: "光伏收购",
        ..OFF
    },
    SpecialBusiness {
        number: 18,
        word: "cigarettes",
        zh: "卷烟",
        ..OFF
    },
    SpecialBusiness {
        number: 19,
        word: "export",
        zh: "出口",
        ..OFF
    },
    SpecialBusiness {
        number: 20,
        word: "farm_products_special",
        zh: "农产品（专用发票）",
        kinds: Kinds::Special,
        ..OFF
    },
    SpecialBusiness {
        number: 32,
        word: "e_cigarettes",
        zh: "电子烟",
        ..OFF
    },
];
