"""Japanese words of the demo company, each with its spelling in Latin letters."""

from localorg.company.words.language import Language, lines, sentences, titles, words

JAPANESE = Language(
    code="ja",
    locale="ja",
    women=words(
        """陽子=yoko 恵子=keiko 久美子=kumiko 由美子=yumiko 直美=naomi 真由美=mayumi 裕子=yuko 智子=tomoko
        美咲=misaki 葵=aoi 結衣=yui 陽菜=hina 凛=rin 莉子=riko 美羽=miu 彩花=ayaka 愛=ai 千尋=chihiro 香織=kaori
        沙織=saori 綾=aya 友美=tomomi 麻衣=mai 桃子=momoko 春香=haruka 遥=haruka 奈々=nana 詩織=shiori 花=hana
        和子=kazuko 節子=setsuko 千代=chiyo 文=fumi さくら=sakura ひかり=hikari"""
    ),
    men=words(
        """誠=makoto 健一=kenichi 浩=hiroshi 隆=takashi 修=osamu 茂=shigeru 博=hiroshi 剛=tsuyoshi 大輔=daisuke
        拓也=takuya 翔太=shota 健太=kenta 直樹=naoki 和也=kazuya 亮=ryo 達也=tatsuya 雄一=yuichi 康弘=yasuhiro
        正樹=masaki 哲也=tetsuya 智也=tomoya 悠斗=yuto 蓮=ren 颯太=sota 陸=riku 海斗=kaito 俊介=shunsuke
        慎一=shinichi 光男=mitsuo 清=kiyoshi 昭=akira 稔=minoru 勉=tsutomu 純=jun 豊=yutaka"""
    ),
    families=words(
        """佐藤=sato 鈴木=suzuki 高橋=takahashi 田中=tanaka 伊藤=ito 渡辺=watanabe 渡邊=watanabe 山本=yamamoto
        中村=nakamura 小林=kobayashi 加藤=kato 吉田=yoshida 山田=yamada 佐々木=sasaki 山口=yamaguchi 松本=matsumoto
        井上=inoue 木村=kimura 林=hayashi 斎藤=saito 齋藤=saito 清水=shimizu 山崎=yamazaki 森=mori 池田=ikeda
        橋本=hashimoto 阿部=abe 石川=ishikawa 山下=yamashita 中島=nakajima 石井=ishii 小川=ogawa 前田=maeda
        岡田=okada 長谷川=hasegawa 藤田=fujita 後藤=goto 近藤=kondo 村上=murakami 遠藤=endo 青木=aoki 坂本=sakamoto
        福田=fukuda 太田=ota 西村=nishimura 藤井=fujii 金子=kaneko 岡本=okamoto 藤原=fujiwara 三浦=miura 中野=nakano
        中川=nakagawa 原田=harada 松田=matsuda 竹内=takeuchi 小野=ono 田村=tamura 中山=nakayama 和田=wada
        石田=ishida
        森田=morita 上田=ueda 原=hara 内田=uchida 柴田=shibata 酒井=sakai 宮崎=miyazaki 横山=yokoyama 高木=takagi
        安藤=ando 宮本=miyamoto 大野=ono 小島=kojima 谷口=taniguchi 今井=imai 工藤=kudo 高田=takada 増田=masuda
        丸山=maruyama 杉山=sugiyama 大塚=otsuka 小山=koyama 村田=murata 新井=arai 五十嵐=igarashi 髙橋=takahashi"""
    ),
    family_first=True,
    heads=words(
        """三葉=mitsuha 東雲=shinonome 白峰=shiramine 青嶺=aomine 朝霧=asagiri 大和田=owada 若竹=wakatake
        松風=matsukaze
        千鳥=chidori 北斗野=hokutono 銀河台=gingadai 春日野=kasugano 雪村=yukimura 瑞穂野=mizuhono 楓=kaede
        常盤台=tokiwadai
        ミナト=minato ハルカ=haruka アオゾラ=aozora サクラギ=sakuragi ヒノデ=hinode ツバメ=tsubame カナメ=kaname"""
    ),
    tails=words(
        """川=gawa 山=yama 野=no 原=hara 沢=zawa 島=jima 崎=zaki 田=da 井=i 丘=oka 浜=hama 谷=tani 本=moto 森=mori
        テック=tech ワークス=works"""
    ),
    trades=words(
        """製作所=seisakusho 工業=kogyo 機械=kikai 電機=denki 精工=seiko 精密=seimitsu 食品=shokuhin 飲料=inryo
        化学=kagaku 製薬=seiyaku 製鋼=seiko 鋳造=chuzo 硝子=glass 樹脂=jushi 紡績=boseki 製紙=seishi 物流=butsuryu
        エネルギー=energy 半導体=handotai ロボット=robot 計測=keisoku バルブ=valve 油圧=yuatsu 自動車部品=jidosha
        包装=hoso 水道=suido 医療機器=iryo 電子=denshi"""
    ),
    patterns=("{form}{stem}{trade}", "{stem}{trade}{form}"),
    titles=titles(
        """代表取締役社長 | 経営
        取締役 | 経営
        工場長 | 製造部
        製造部長 | 製造部
        生産技術課長 | 生産技術部
        設備保全課長 | 保全課
        制御エンジニア | 生産技術部
        購買部長 | 購買部
        購買担当 | 購買部
        品質保証部長 | 品質保証部
        情報システム部長 | 情報システム部
        経理部長 | 経理部
        プロジェクトマネージャー | 技術部
        安全管理者 | 総務部"""
    ),
    problems=sentences(
        """{product}がエラー{code}で停止する | 3号ラインの{product}が二、三時間ごとにエラー{code}で停止します。\
再起動で復帰しますが、毎回十分ほど止まります。
        全負荷時にドライブが過熱する | レシピ変更後、{product}が全負荷で一時間ほど運転すると九十度を超えます。\
ファンは動作し、フィルターは先週交換しました。
        ファームウェア更新後に接続できない | 更新後、{city}工場のネットワークで{product}が応答しません。\
月曜日までに復旧したいです。
        予備品の見積依頼 | {product}用モジュール二個（品番{code}）の見積をお願いします。納入先は{city}です。
        校正証明書が同梱されていない | 先月納入の{product}に校正証明書が入っていませんでした。\
製造番号は{code}です。今週の監査で必要です。
        減速機から異音 | ベルト交換後、{product}の第二軸からこすれる音がします。\
{city}まで技術者の派遣をお願いします。
        ライセンスが認証されない | {product}のライセンスキーがメッセージ{code}で拒否されます。\
サーバーはインターネットに接続できません。
        オペレーター研修の日程 | {city}工場に新しいオペレーターが六名います。\
次の四半期に{product}の二日間研修を希望します。"""
    ),
    comments=lines(
        """お客様へ折り返し電話。ログの送付待ち。
        代替モジュールを速達で発送済み。
        社内で再現を確認し、開発部へ引き継ぎ。
        暫定対応で問題なしとの確認をいただいた。
        リモートで対応。更新後にパラメーター214が誤っていた。
        一週間返信なし。再度連絡した。"""
    ),
    tasks=lines(
        """見積の件で電話
        修正提案書を送付
        デモ後のフォロー
        納期を物流に確認
        注文書の依頼
        導入事例を送付
        契約更新の準備"""
    ),
    meetings=lines(
        """現場訪問
        技術打ち合わせ
        製品デモ
        四半期レビュー
        契約交渉"""
    ),
    notes=lines(
        """予算は承認済み。取締役会の後に決定予定。
        工場長は当社を希望、購買は相見積を要求。
        競合のライン二本を統一したい意向。
        {city}新工場の立ち上げがこの案件次第。
        保証延長と国内在庫の要望あり。
        次は実ワークでのテスト。"""
    ),
)
