"""What each check of `minping verify` is called, and against what it is checked; what all of them prove and do not."""

from collections.abc import Mapping

from services.scoring.verify.draw_proof import TITLES as DRAW_TITLES

TITLES: Mapping[str, tuple[str, str]] = {
    **DRAW_TITLES,
    "readable": ("文件可读", "the file can be read"),
    "container": ("压缩包每个字节均可由其内容重建", "every byte of the container follows from its members"),
    "members": ("文件齐全，无多余文件", "all members are there and none besides"),
    "manifest": ("封存清单规范且与各文件一致", "the manifest is canonical and agrees with the files beside it"),
    "file": ("文件与封存清单摘要一致", "the file is the one that was sealed"),
    "keys": ("签名公钥齐全", "the key ring is well-formed and complete"),
    "trusted": ("签名公钥为事先公布者", "the keys are the ones published beforehand"),
    "cards": (
        "评议卡清单张数相符，会前已由计票人签名",
        "the list of cards is complete and was signed before the meeting",
    ),
    "ceremony": ("份额持有人、印卡文件和私钥的声明与封存一致", "what tellers and system declared fits this seal"),
    "cards.unsigned": (
        "评议卡清单张数相符（包内没有会前签名）",
        "as many cards as printed; nobody signed the list",
    ),
    "rules": ("评议规则齐全并属于本次评议", "the rules of the vote are well-formed and this programme's"),
    "units": ("被评单位名单与封存清单一致", "the list of units is the manifest's"),
    "ballots": ("选票叶节点齐全且有序", "one hidden leaf for each valid ballot"),
    "slices": ("公开票面记录齐全、规范且有序", "one public record for each ballot, unit and dimension"),
    "checkpoint": ("校验点与两棵哈希树一致", "the checkpoint's root follows from manifest and ballots"),
    "signatures": ("系统、计票人、监票人均已签名", "system, tellers and scrutineer signed that root"),
    "draw.same": ("抽签与本次大会一致", "the draw is the one of this meeting"),
    "reconciliation": ("发出、收回、有效、作废票数相符，达到法定人数", "roll and boxes agree and there is a quorum"),
    "tally": ("由公开记录重新计票，结果一致", "counting the public records again gives the same tally"),
    "result.signature": ("公布结果已由系统签名并绑定封存", "the result is signed and bound to this seal"),
    "result.form": ("公布结果格式规范", "the result is canonical JSON of the known form"),
    "result.concentrated": ("集中评议得分与计票一致", "the concentrated part is the sealed tally's"),
    "result.daily": ("日常得分由各扣分事项得出", "each daily score follows from its printed lines"),
    "result.parts": ("其他评议部分与其依据一致", "the other parts follow from their printed inputs"),
    "result.interval": ("名次区间与封存一致", "the ranks' intervals are those of the seal"),
    "result.composite": ("综合得分可重算", "each composite follows from its printed inputs"),
    "result.ranking": ("排名可重算", "each rank follows from the composites"),
    "published.form": ("公布的结果格式规范，字段齐全", "the published result is canonical and complete"),
    "published.signature": ("系统已对这一份结果签名", "the system signed exactly this result"),
    "published.rows": ("每个单位只列一次，公布的小数由精确值得出", "each unit once, its figures rounded once"),
    "published.formula": ("公式与各部分一致", "each printed formula is that of its parts"),
    "published.interval": ("名次区间可由所列数字重算", "the ranks' intervals follow from the printed figures"),
    "timestamp": ("第三方时间戳覆盖本校验点", "an outside time stamp covers this checkpoint"),
    "receipt": ("回执所示选票在封存之内", "the receipt's ballot is in the seal"),
    "openings": ("争议开示的选票在封存之内", "the opened ballots are in the seal"),
    "unforeseen": ("核验未能完成", "the verification could not be finished"),
}

AGAINST: Mapping[str, tuple[str, str]] = {
    "container": ("由各成员按固定写法重新打包，逐字节比对", "the members packed again by fixed rules, byte for byte"),
    "members": ("封存清单", "the manifest's list"),
    "manifest": ("RFC 8785 规范写法", "the canonical form of RFC 8785"),
    "file": ("封存清单中的 SHA-256", "the SHA-256 in the manifest"),
    "trusted": ("您用 --trusted 给出的公钥", "the keys you gave with --trusted"),
    "cards": ("对账表的印制张数；计票人在会前的签名", "the cards printed; the tellers' signatures before the meeting"),
    "ceremony": ("登记的公钥、卡清单的根、收回票数", "the enrolled keys, the root of the cards, the ballots returned"),
    "ballots": ("对账表的有效票数", "the number of valid ballots in the reconciliation"),
    "slices": (
        "规则、单位名单，以及清单中第二棵树的根",
        "rules, list of units, and the root of tree 2 in the manifest",
    ),
    "checkpoint": ("由清单和选票叶节点重新计算的树根", "the root computed again from manifest and ballots"),
    "signatures": ("keys.json 中的公钥（Ed25519）", "the keys in keys.json (Ed25519)"),
    "reconciliation": (
        "发出＝收回＋未用，收回＝有效＋作废，法定人数",
        "issued = returned + unused, returned = valid + void, quorum",
    ),
    "tally": ("逐条重数公开票面记录", "the public records, counted again one by one"),
    "draw.same": ("对账表、规则和签名公钥", "reconciliation, rules and keys"),
    "draw.order": ("用公布的随机数重新抽签", "the draw, made again from its published entropy"),
    "result.concentrated": ("重新计票所得", "the records counted again"),
    "result.composite": ("结果中列出的各部分与权重", "the parts and weights printed in the result"),
    "result.ranking": ("结果中的综合得分", "the composites in the result"),
    "result.daily": ("结果中列出的每一条扣分", "each deduction printed in the result"),
    "published.form": ("RFC 8785 规范写法", "the canonical form of RFC 8785"),
    "published.signature": ("旁边的 .note 和文件所列公钥", "the note beside it and the key that the file names"),
    "timestamp": ("您用 --tsa 给出的时间戳机构根证书", "the root certificate you gave with --tsa"),
    "receipt": ("校验点的树根", "the checkpoint's root"),
    "openings": ("选票叶节点与公开票面记录", "the ballots' leaves and the public records"),
}
"""Where it says more than the title."""

PROVES: Mapping[str, tuple[tuple[str, str], ...]] = {
    "bundle": (
        (
            "封存以后没有任何文件被增、删、改；系统、至少三名计票人和监票人签的正是这一份。",
            "Nothing was added, removed or changed since the seal; system, three tellers and scrutineer signed this.",
        ),
        (
            "票数、得分、名次都可由公开记录重新算出，与公布的一致；收回的票不多于发出的卡。",
            "Counts, scores and ranks follow from the public records; no more ballots came back than cards were taken.",
        ),
        (
            "代表由封冻后的名册和公开随机数抽出，可重算。",
            "The representatives were drawn from the frozen pool by public entropy.",
        ),
    ),
    "published": (
        (
            "这一份就是系统签名公布的那一份，一个字节也没有改；日常得分、综合得分、名次都可由所列的数重新算出。",
            "It is the file the system signed, byte for byte; daily scores, composites and ranks follow from it.",
        ),
    ),
    "draw_proof": (
        (
            "名册封冻在前、随机数在后；谁被抽中可由公布的数重算。",
            "The pool was frozen before the entropy existed; who was drawn follows from published values.",
        ),
    ),
}
NOT_PROVED: Mapping[str, tuple[tuple[str, str], ...]] = {
    "bundle": (
        (
            "不能证明公钥属于谁：请与事先公布的公钥（--trusted）或记录上的校验点核对。",
            "Whose keys these are: compare them with those published before (--trusted), or the root with the minutes.",
        ),
        (
            "不能证明会场里的骰子、签到和终端是否真实：由见证人、监票人和指导组负责。",
            "That dice, roll and terminals in the hall were honest: witnesses, scrutineer and guidance answer for it.",
        ),
        (
            "不能证明扣分事实本身为真：每条都列有依据，可以申诉。不显示任何人怎么投。",
            "That the facts behind a deduction are true: each names its evidence. It shows nobody's vote.",
        ),
    ),
    "published": (
        (
            "不能证明集中评议的票数：请核验各场大会的封存包。不能证明公钥属于谁：请用 --trusted 给出事先公布的公钥。",
            "The count of the vote: verify the bundle of each meeting. Whose key it is: give the published ones.",
        ),
        (
            "不能证明扣分事实本身为真：每条都列有依据，可以申诉。",
            "That the facts behind a deduction are true: each names its evidence and can be appealed.",
        ),
    ),
    "draw_proof": (
        (
            "不能证明名册本身公正，也不能证明公开号码和骰子确是当场产生：请与见证记录核对。",
            "That the pool was fair, and that public value and dice are what happened: see the witnesses' record.",
        ),
    ),
}
