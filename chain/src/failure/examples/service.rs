//! E19 and above: finding, keys, network, versions, the HTTP door. No draft alone provokes them.

use super::guides;

guides! {
    InvoiceNotFound:
        "核对20位号码，并确认问的是开具它的商户的节点。"
        / "Look at the 20 digits, and ask the node of the merchant who issued it.",
        when("该号码的发票不存在，或不属于调用方的账户。" / "No invoice has this number, or it belongs to another merchant.");
    FormatUnavailable:
        "改用 expected 列出的格式。"
        / "Ask for a form that expected lists.",
        when("请求了节点不生成的版式或媒体类型。" / "A call asks for a form or media type the node does not make.");
    SignatureInvalid:
        "用登记的密钥对原样的交易字节重新签名。"
        / "Sign the very bytes of the transaction again, with the registered key.",
        when("交易的签名与内容或密钥不符。" / "A transaction's signature does not fit its bytes or its key.");
    SignatureNonCanonical:
        "使用遵循 RFC 8032 的标准签名库重新签名。"
        / "Sign with a library that keeps to RFC 8032.",
        when("签名不是规范编码。" / "A signature is not in its one canonical form.");
    KeyUnknown:
        "请主管机关登记该密钥，或改用已登记的密钥。"
        / "Have the authority bind the key, or use one that is bound.",
        when("交易由未绑定到账户的密钥签名。" / "A transaction is signed by a key that is bound to no account.");
    KeyRevoked:
        "改用账户的现行密钥；若密钥泄露请联系主管机关。"
        / "Use the account's present key; if it was stolen, tell the authority.",
        when("交易由已吊销的密钥签名。" / "A transaction is signed by a key that was revoked.");
    ChainIdMismatch:
        "按本网络的链标识（见 /v1/chain）重新签名。"
        / "Sign for this network: /v1/chain names its chain id.",
        when("交易是为另一条链签名的。" / "A transaction was signed for another chain.");
    OperatorNotLoggedIn:
        "带上接口密钥：请求头 Authorization: Bearer，或 piao 的 --api-key-file。"
        / "Send the API key: header Authorization: Bearer, or piao's --api-key-file.",
        when("需要密钥的调用没有带有效的接口密钥。" / "A call of a merchant's desk comes without a valid API key.");
    PermissionDenied:
        "换用有权限的接口密钥，或请管理员授权。"
        / "Use a key that may, or have the right granted.",
        when("接口密钥不包含该账户或该操作。" / "The API key does not cover this account or action.");
    KeyAlreadyBound:
        "换一把新密钥登记。"
        / "Bind a fresh key.",
        when("主管机关登记的密钥已属于另一账户。" / "The authority binds a key that belongs to another account.");
    KeyProofInvalid:
        "重新生成密钥及其持有证明（piao key new）。"
        / "Make a new key with its proof of possession (piao key new).",
        when("登记的密钥属弱密钥，或持有证明不符。" / "A key to be bound is weak, or its proof does not verify.");
    AuthorityRequired:
        "由主管机关按规定人数签名后再提交。"
        / "Have the authority sign with as many as it takes.",
        when("主管机关的操作缺少足够的签名。" / "An action of the authority lacks signatures.");
    TransactionWindow:
        "更新有效期（不超过24小时）后重新签名提交。"
        / "Renew valid_until, at most 24 hours ahead, sign and send it again.",
        when("自行签名的交易已过期，或有效期过长。" / "A transaction signed elsewhere has expired or is valid for too long.");
    DuplicateIdem:
        "交易已上链，查询其结果即可，不要再发。"
        / "It is on the chain already: ask for its outcome, do not send it again.",
        when("同一账户的同一交易标识再次提交。" / "A transaction comes with an idem its account has used.");
    FailureAllowanceUsed:
        "查清失败原因；次日零时起恢复。"
        / "Find out why they fail; the allowance starts anew the next day.",
        when("该账户当日上链失败的交易过多。" / "Too many transactions of the account failed on the chain today.");
    SetChangeRefused:
        "主管机关改正变更：生效高度在允许范围内，等前一变更生效，并附上每个新密钥的持有证明。"
        / "The authority corrects the change: a height within bounds, after the change that waits, with a proof for every new key.",
        when("主管机关变更验证者或自身密钥，而变更不成立。" / "The authority changes validators or its own keys in a way that does not fit.");
    MisbehaviourNotNew:
        "无需处理：证据已在链上，或已无从判断。"
        / "Nothing is to be done: the evidence is on the chain, or can't be judged any more.",
        when("提交的违规举报没有新内容。" / "A report of misbehaviour says nothing new.");
    NotSynced:
        "等待同步完成（见 /readyz?verbose）后用同一幂等键再试。"
        / "Wait until the node has caught up (/readyz?verbose) and send the same again.",
        when("节点正在追赶网络，暂不能判断。" / "The node is catching up and cannot judge yet.");
    ConfirmTimeout:
        "用同一幂等键再问（piao 同一命令），切勿另开一张。"
        / "Ask again with the same key; never issue anew.",
        when("等待时间内网络没有给出结果。" / "The network gave no outcome within the wait.");
    PoolFull:
        "按 Retry-After 等待后用同一幂等键再试。"
        / "Wait for Retry-After and send the same again.",
        when("待处理的交易已满。" / "The waiting room for transactions is full.");
    StorageFull:
        "由运维清理或扩充磁盘；之后用同一幂等键再试。"
        / "Have the operator free or add disk space, then send the same again.",
        when("节点磁盘空间接近用尽。" / "The node's disk is nearly full.");
    Maintenance:
        "等到 not_before 或 Retry-After 所说的时间再试；用 wait=accepted 提交的请求会留存，维护结束后自动开出。"
        / "Wait until not_before or Retry-After. What is sent with wait=accepted is kept and goes out by itself when it ends.",
        when("在公告的维护时段内开具、红冲或重开；got 为公告编号，维护内容见 /v1/announcements。" / "Something is to be issued inside announced maintenance; got is the announcement's number, and /v1/announcements lists them.");
    ReadOnly:
        "等节点恢复可写，或改用另一节点。"
        / "Wait until the node writes again, or use another.",
        when("节点处于只读状态。" / "The node has stopped writing.");
    ProtocolUnsupported:
        "升级签名交易的软件。"
        / "Upgrade the program that signs.",
        when("交易的版本在当前高度不受支持。" / "A transaction's version is not supported at this height.");
    RulesetUnknown:
        "按现行规则版本（见 /v1/rules）重新生成并签名，或升级软件。"
        / "Build and sign it by the rule set in force (/v1/rules), or upgrade.",
        when("交易所写的规则版本不是现行版本。" / "A transaction names a rule set that is not the one in force.");
    TransactionMalformed:
        "按规范编码重新生成交易，不要改动其字节。"
        / "Encode the transaction by the specification, and change no byte of it.",
        when("提交的字节不是规范编码的交易。" / "The bytes handed in are not a canonical transaction.");
    RuleSetNotAhead:
        "主管机关改为安排编号更大、生效高度在将来的规则版本。"
        / "The authority schedules a rule set with a higher number, for a height to come.",
        when("主管机关要启用的规则版本未知、不比现行版本新，或生效高度不在允许范围。" / "The authority activates a rule set that is unknown, not newer than the one in force, or at a height outside the bounds.");
    AnnouncementRefused:
        "主管机关改正时间或编号：结束时间在将来，开始时间在90天以内，未结束的公告不超过16个。"
        / "The authority corrects times or number: an end to come, a begin within 90 days, at most 16 that are not over.",
        when("主管机关公告或结束维护，而时间或编号不成立。" / "The authority announces or ends maintenance with times or a number that do not fit.");
    RouteNotFound:
        "核对地址；接口清单见 /openapi.json。"
        / "Look at the address; /openapi.json lists them.",
        when("请求了不存在的地址。" / "A call goes to an address that does not exist.");
    MethodNotAllowed:
        "改用回复头 Allow 列出的方法。"
        / "Use a method that the header Allow lists.",
        when("地址存在，但不支持该方法。" / "The address exists but not for this method.");
    MediaTypeUnsupported:
        "用 Content-Type: application/json 发送，不压缩。"
        / "Send Content-Type: application/json, uncompressed.",
        when("报文的媒体类型或编码不符。" / "A body has another media type or coding than the call takes.");
    RequestTimeout:
        "用同一幂等键再试；检查网络是否过慢。"
        / "Send the same again with the same key; see whether the line is slow.",
        when("请求到达或处理超时。" / "A call took too long to arrive or to be answered.");
    ResourceNotFound:
        "核对编号；列表接口给出现有的编号。"
        / "Look at the id; the lists name those that exist.",
        when("按编号查询的内容不存在。" / "Nothing is known under the id of a call.");
    ParameterInvalid:
        "按 expected 更正 pointer 指明的参数，或删去它。"
        / "Correct the parameter that pointer names as expected says, or leave it out.",
        when("地址或查询参数不合法、重复或未知。" / "A parameter of the address is wrong, repeated or unknown.");
    ServerBusy:
        "按 Retry-After 等待后再试。"
        / "Wait for Retry-After and try again.",
        when("节点同时处理的请求已满。" / "The node serves as many calls as it can.");
    RequestMalformed:
        "使用标准的 HTTP/1.1 客户端。"
        / "Use a client that speaks HTTP/1.1.",
        when("请求头不是合法的 HTTP。" / "The head of a request is not HTTP.");
    HeadTooLarge:
        "减少请求头或 Cookie。"
        / "Send fewer or shorter headers.",
        when("请求头超过限值。" / "The headers of a request are over their limit.");
    TargetTooLong:
        "缩短地址，较长的内容放在报文中。"
        / "Shorten the address; long content belongs in the body.",
        when("请求地址超过限值。" / "The address of a request is over its limit.");
    Internal:
        "用同一幂等键再试；仍不行请把 request_id 告知运维。未扣费，未开票。"
        / "Send the same again; if it stays, give the operator the request_id. Nothing was charged or issued.",
        when("节点内部出错。" / "Something broke inside the node.");
    NotImplemented:
        "改用本节点支持的功能；清单见 /openapi.json。"
        / "Use what this node offers; /openapi.json lists it.",
        when("请求了本节点没有的功能。" / "A call asks for something this node does not offer.");
}
