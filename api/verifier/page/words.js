// Every sentence of the page, in English and Chinese.

// Reasons of SPEC 7.8.
export const REASONS = {
  GENUINE: ["genuine", "真实有效"],
  MALFORMED_PROOF: ["the file is not a whole proof", "文件不是完整的证明"],
  UNKNOWN_VERSION: ["the proof is of a newer version than this page", "证明的版本比本页新"],
  UNKNOWN_SUITE: ["the proof uses an unknown suite", "证明使用未知的密码套件"],
  UNKNOWN_RECORD: ["the proof holds a record this page does not know", "证明含有本页不认识的内容"],
  OTHER_CHAIN: ["the proof is of another network than the trust root", "证明属于另一个网络"],
  NO_TRUST_ROOT: ["there is no trust root; choose one first", "没有信任根，请先选择信任根文件"],
  TRUST_ROOT_STALE: ["the trust root is too old; get a new one", "信任根已过期，请取新的"],
  CLOCK_BEHIND: ["the clock of this machine is behind the proof", "本机时钟早于证明时间"],
  UNKNOWN_VALIDATOR_SET: [
    "the validators are not those of the trust root", "验证者集合与信任根不符",
  ],
  CERTIFICATE_INVALID: [
    "the block was not signed by more than two thirds of the validators",
    "区块没有三分之二以上验证者的有效签名",
  ],
  LINKS_INVALID: [
    "the changes of validators do not lead to those who signed",
    "验证者的历次变更不能通向签名的验证者集合",
  ],
  HISTORY_INVALID: [
    "the invoice's block is not in the history of the signed block",
    "发票所在区块不在已签名的历史中",
  ],
  INCLUSION_INVALID: ["the invoice is not in the block", "发票不在区块中"],
  NOT_AN_INVOICE: ["the transaction did not issue an invoice", "该交易没有开出发票"],
  KEY_INVALID: ["the signing key was not the seller's", "签名密钥不属于销售方"],
  SIGNATURE_INVALID: ["the seller's signature does not verify", "销售方签名无效"],
  UNKNOWN_RULE_SET: [
    "the invoice names a rule set this page does not know", "发票使用本页未知的规则版本",
  ],
  ARITHMETIC_INVALID: ["the tax figures do not add up", "税额计算不成立"],
  STATUS_INVALID: ["the invoice's status is not proven", "发票状态未被证明"],
  DISCLOSURE_INVALID: ["a shown field is not of this invoice", "所示字段不属于该发票"],
  CARD_INVALID: [
    "the seller's name is not vouched for by the authority", "销售方名称没有主管方签名",
  ],
  KEY_DISPUTED: ["the signing key is disputed", "签名密钥有争议"],
  REVERSED: ["reversed by red letters", "已被红冲"],
  PARTLY_REVERSED: ["reversed in part", "已部分红冲"],
  REISSUED: ["replaced by another invoice", "已被重开"],
  NO_PROOF_INSIDE: ["there is no proof in this PDF", "这份 PDF 里没有证明"],
  SEVERAL_PROOFS: ["there are several proofs in this PDF", "这份 PDF 里有几份不同的证明"],
  NOT_ISSUED: ["no invoice of this number is issued", "没有开具过该号码的发票"],
  NUMBER_ISSUED: ["the number is issued", "该号码已开具"],
  ABSENCE_INVALID: ["it is not shown that the number is not issued", "未能证明该号码没有开具"],
  COMPLETE: ["these are all invoices of the range", "该范围内的发票全部列出"],
  ACCOUNT_INVALID: [
    "the list does not end with an invoice of the account", "清单末张不属于该账户",
  ],
  LIST_INVALID: [
    "the list is not complete, or not the account's", "清单不完整，或不属于该账户",
  ],
  REFUSED: [
    "the network refused this request, and nothing was issued for it",
    "网络拒绝了该请求，没有据此开出发票",
  ],
  NOT_REFUSED: ["the request was not refused", "该请求没有被拒绝"],
  STALE: ["the proof is too old to say what holds today", "证明过旧，不能说明今日状态"],
};

export const STEPS = {
  parse: ["file whole", "文件完整"],
  chain: ["one network", "同一网络"],
  trust: ["trust root", "信任根"],
  certificate: ["block final", "区块终局"],
  links: ["changes of validators", "验证者变更"],
  history: ["in the history", "历史路径"],
  inclusion: ["in the block", "入块证明"],
  transaction: ["an invoice", "是发票"],
  key: ["seller's key", "商户密钥"],
  signature: ["seller's signature", "商户签名"],
  arithmetic: ["tax figures", "税额计算"],
  status: ["status", "发票状态"],
  freshness: ["time of the proof", "证明时点"],
  fields: ["fields shown", "所示字段"],
  seller: ["seller's name", "销售方名称"],
  refused: ["refused", "已被拒绝"],
  count: ["count of all invoices", "开具总数"],
  instead: ["in the number's place", "该位置的发票"],
  account: ["account", "账户"],
  list: ["list whole", "清单完整"],
  first: ["first one listed", "清单首张"],
  invoices: ["each invoice", "各张发票"],
  later_changes: ["later changes", "此后变化"],
};

export const RESULTS = {
  passed: ["✓", "passed", "通过"],
  failed: ["✗", "failed", "未通过"],
  not_checked: ["–", "not checked", "未检查"],
};

export const STATUSES = {
  issued: ["issued", "已开具"],
  partly_reversed: ["reversed in part", "部分红冲"],
  reversed: ["reversed", "已红冲"],
  reissued: ["replaced", "已重开"],
};

export const FRESHNESS = {
  FRESH: ["fresh, at most 10 minutes old", "10分钟以内"],
  RECENT: ["recent, at most a day old", "一天以内"],
  AGED: ["aged, at most a week old", "一周以内"],
  STALE: ["stale, more than a week old", "超过一周"],
};

export const NETWORKS = {
  test: ["test network", "测试网络"],
  production: ["production network", "正式网络"],
};

// What was not checked, and why.
export const UNCHECKED = {
  later_changes: [
    "whatever happened after this height, a red letter for instance; this page asked nobody",
    "该高度之后发生的变化，例如红冲；本页没有询问任何人",
  ],
  seller: ["the seller's name: the proof carries no seller card", "销售方名称：证明不含销售方名片"],
  fields: ["texts of the invoice: the proof shows no field", "发票文字：证明没有出示字段"],
  invoices: [
    "amounts, status and texts of the invoices: each one's own proof says",
    "所列发票的金额、状态与文字，由各自的证明说明",
  ],
  rest: ["everything after the failed step", "未通过步骤之后的一切"],
};

// Fields of a document, SPEC 8.2.
export const FIELDS = {
  1: ["issue time", "开票时间"], 2: ["order", "订单号"], 3: ["part of the order", "订单分部"],
  4: ["client's reference", "客户参考号"], 5: ["remark", "备注"], 6: ["issuer", "开票人"],
  7: ["drawer", "出票人"], 8: ["payee", "收款人"], 9: ["reviewer", "复核人"],
  10: ["special business", "特定业务说明"], 11: ["payment reference", "支付流水号"],
  12: ["tag", "标签"], 13: ["delivery e-mail", "交付邮箱"], 14: ["delivery phone", "交付手机"],
  20: ["seller's name", "销售方名称"], 21: ["seller's tax id", "销售方税号"],
  22: ["seller's bank", "销售方开户行"], 23: ["seller's bank account", "销售方账号"],
  40: ["buyer's name", "购买方名称"], 41: ["buyer's type", "购买方类型"],
  42: ["kind of the buyer's id", "购买方证件类型"], 43: ["buyer's id", "购买方税号或证件号"],
  44: ["buyer's phone", "购买方电话"], 45: ["buyer's e-mail", "购买方邮箱"],
  46: ["buyer's address", "购买方地址"], 47: ["buyer's bank", "购买方开户行"],
  48: ["buyer's bank account", "购买方账号"], 100: ["item", "项目名称"],
  101: ["specification", "规格型号"], 102: ["unit", "单位"], 103: ["quantity", "数量"],
  104: ["unit price", "单价"], 201: ["place", "发生地或不动产地址"], 202: ["address", "详细地址"],
  203: ["project", "建筑项目名称"], 204: ["across cities", "跨地（市）标志"],
  205: ["land tax project", "土地增值税项目编号"],
  206: ["cross-region number", "跨区域涉税事项报验管理编号"], 207: ["from", "起运地或出发地"],
  208: ["to", "到达地"], 209: ["vehicle", "运输工具种类"], 210: ["plate", "运输工具牌号"],
  211: ["goods", "运输货物名称"], 212: ["deed number", "产权证书号"],
  213: ["contract number", "网签合同备案编号"], 214: ["lease from", "租赁期起"],
  215: ["lease to", "租赁期止"], 216: ["traveller", "出行人"],
  217: ["kind of the traveller's id", "出行人证件类型"],
  218: ["traveller's id", "出行人证件号码"], 219: ["date of travel", "出行日期"],
  220: ["class", "等级"],
};

// Sentences of the page, by the name that elements have in `data-say`.
export const SENTENCES = {
  title: ["Check an invoice's proof", "查验发票证明"],
  skip: ["Skip to content", "跳到正文"],
  here: [
    "Everything is computed on this page, in your browser. No file is uploaded; it works without a network.",
    "本页在你的浏览器内计算，文件未上传；断网也能用。",
  ],
  root_title: ["1. Whom you trust", "1. 信任根"],
  root_why: [
    "A trust root is a small file signed by the authority of a network. Get it from a source you trust, and compare its fingerprint.",
    "信任根是网络主管方签名的小文件。请从你信任的来源取得，并核对指纹。",
  ],
  root_choose: ["Choose a trust-root file", "选择信任根文件"],
  root_none: ["No trust root yet: nothing can be decided.", "还没有信任根：无法下结论。"],
  root_of_node: [
    "This trust root came from the node that served this page. Compare its fingerprint with one from elsewhere.",
    "此信任根来自提供本页的节点，请与其他来源的指纹核对。",
  ],
  root_of_file: ["This trust root came from your file.", "此信任根来自你的文件。"],
  root_bad: [
    "That file is not a trust root, or is not signed by its authority.",
    "该文件不是信任根，或没有主管方的有效签名。",
  ],
  proof_title: ["2. The proof", "2. 证明"],
  proof_choose: ["Choose proof files or PDFs, or drop them here", "选择证明文件或 PDF，或拖放到此处"],
  proof_paste: ["Or paste a proof as JSON", "或粘贴 JSON 形式的证明"],
  proof_check: ["Check the pasted text", "查验粘贴的文本"],
  max_age: ["Accept proofs up to this many days old", "接受多少天以内的证明"],
  result_title: ["3. The verdict", "3. 结论"],
  result_none: ["Nothing has been checked yet.", "尚未查验。"],
  working: ["Checking …", "正在查验……"],
  today: ["Ask this node for today's status", "向本节点查询当前状态"],
  today_result: ["The node's proof of today:", "节点今日的证明："],
  today_failed: [
    "The node did not answer with a proof of this invoice.", "节点没有给出该发票的证明。",
  ],
  today_other: [
    "The node answered with a proof of another invoice.", "节点给出的是另一张发票的证明。",
  ],
  print: ["Print", "打印"],
  test_banner: [
    "Test network: sample invoices only, worth nothing before the law.",
    "测试网络：仅为样票，没有法律效力。",
  ],
  checks: ["What was checked", "查验了什么"],
  unchecked: ["What was not checked", "没有查验什么"],
  shown: ["Fields shown by the proof", "证明出示的字段"],
  field: ["field", "字段"],
  value: ["text", "内容"],
  withheld: ["Fields withheld", "未出示的字段"],
  number: ["number", "发票号码"],
  seller: ["seller", "销售方"],
  account: ["account", "账户"],
  issued_at: ["date of issue", "开票日期"],
  amount: ["amount", "金额"],
  tax: ["tax", "税额"],
  gross: ["amount with tax", "价税合计"],
  status: ["status", "状态"],
  original: ["corrects the invoice", "对应蓝字发票"],
  red_letter: ["last red letter", "最近红字发票"],
  counters: ["counters", "序号"],
  blocks: ["all of blocks", "完整覆盖区块"],
  counter: ["counter", "序号"],
  asked: ["asked for", "请求"],
  refused_with: ["refused with", "拒绝原因"],
  evidence: ["figures", "依据数值"],
  refused_at: ["in block", "所在区块"],
  transaction: ["transaction", "交易"],
  as_of: ["as of", "截至"],
  network: ["network", "网络"],
  fingerprint: ["trust root", "信任根指纹"],
  file: ["file", "文件"],
  verdict: ["verdict", "结论"],
  line: ["line", "行"],
  none: ["none", "无"],
  too_large: ["the file is too large to be a proof", "文件过大，不是证明"],
  genuine_in_force: ["Genuine and in force", "真实且有效"],
  in_force: ["Genuine and in force, but ", "真实且有效，但"],
  holds: ["Shown: ", "已证明："],
  refused: ["Genuine: ", "真实："],
  no_invoice: [
    "This proves no invoice: there is nothing in it to pay or to book.",
    "本文件不证明任何发票：不能据此付款或入账。",
  ],
  not_in_force: ["Genuine, but not in force: ", "真实，但不再有效："],
  false: ["Not genuine: ", "不真实："],
  undecided: ["Can't be decided: ", "无法判断："],
};
