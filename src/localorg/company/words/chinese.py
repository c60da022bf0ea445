"""Chinese words of the demo company, each with its pinyin."""

from localorg.company.words.language import Language, lines, sentences, titles, words

CHINESE = Language(
    code="zh",
    locale="zh_CN",
    women=words(
        """静=jing 丽=li 敏=min 婷=ting 雪=xue 慧=hui 燕=yan 玲=ling 娟=juan 秀英=xiuying 雅琴=yaqin 美玲=meiling
        晓燕=xiaoyan 思雨=siyu 欣怡=xinyi 梦琪=mengqi 佳怡=jiayi 诗涵=shihan 雨桐=yutong 紫萱=zixuan 若兰=ruolan
        明月=mingyue 春梅=chunmei 冬梅=dongmei 海燕=haiyan 红霞=hongxia 丹丹=dandan 莉莉=lili 文静=wenjing
        晓红=xiaohong 雅婷=yating 淑芬=shufen 怡君=yijun 佩珊=peishan 心怡=xinyi 子涵=zihan"""
    ),
    men=words(
        """伟=wei 强=qiang 磊=lei 军=jun 勇=yong 涛=tao 斌=bin 浩=hao 鹏=peng 杰=jie 志强=zhiqiang 建国=jianguo
        文博=wenbo 晓东=xiaodong 天宇=tianyu 俊杰=junjie 浩然=haoran 子轩=zixuan 宇航=yuhang 明哲=mingzhe
        国栋=guodong 海涛=haitao 永康=yongkang 家豪=jiahao 志明=zhiming 立群=liqun 振华=zhenhua 学文=xuewen
        少华=shaohua 思远=siyuan 德胜=desheng 春生=chunsheng 冠宇=guanyu 承翰=chenghan 柏翰=bohan 一鸣=yiming"""
    ),
    families=words(
        """王=wang 李=li 张=zhang 刘=liu 陈=chen 杨=yang 赵=zhao 黄=huang 周=zhou 吴=wu 徐=xu 孙=sun 胡=hu 朱=zhu
        高=gao 林=lin 何=he 郭=guo 马=ma 罗=luo 梁=liang 宋=song 郑=zheng 谢=xie 韩=han 唐=tang 冯=feng 于=yu
        董=dong 萧=xiao 程=cheng 曹=cao 袁=yuan 邓=deng 许=xu 傅=fu 沈=shen 曾=zeng 彭=peng 吕=lv 苏=su 卢=lu
        蒋=jiang 蔡=cai 贾=jia 丁=ding 魏=wei 薛=xue 叶=ye 阎=yan 余=yu 潘=pan 杜=du 戴=dai 夏=xia 钟=zhong 汪=wang
        田=tian 任=ren 姜=jiang 范=fan 方=fang 石=shi 姚=yao 谭=tan 廖=liao 邹=zou 熊=xiong 金=jin 陆=lu 郝=hao
        孔=kong 白=bai 崔=cui 康=kang 毛=mao 邱=qiu 秦=qin 江=jiang 史=shi 顾=gu 侯=hou 邵=shao 孟=meng 龙=long
        欧阳=ouyang 司马=sima 上官=shangguan 诸葛=zhuge"""
    ),
    family_first=True,
    heads=words(
        """宏=hong 远=yuan 瑞=rui 鑫=xin 恒=heng 盛=sheng 嘉=jia 泰=tai 华=hua 润=run 晟=sheng 锦=jin 博=bo 启=qi
        凌=ling 昊=hao 麒=qi 云=yun 岳=yue 松=song 沐=mu 澜=lan 卓=zhuo 骏=jun"""
    ),
    tails=words(
        """丰=feng 沣=feng 通=tong 源=yuan 茂=mao 翔=xiang 诚=cheng 安=an 川=chuan 岭=ling 辰=chen 科=ke 腾=teng
        航=hang 光=guang 德=de 跃=yue 洲=zhou 森=sen 益=yi 隆=long 霖=lin"""
    ),
    trades=words(
        """机械=jixie 自动化=zidonghua 电子=dianzi 精密=jingmi 电气=dianqi 食品=shipin 饮料=yinliao 包装=baozhuang
        化工=huagong 制药=zhiyao 医疗器械=yiliao 钢铁=gangtie 铸造=zhuzao 玻璃=boli 塑料=suliao 纺织=fangzhi
        造纸=zaozhi 物流=wuliu 能源=nengyuan 水务=shuiwu 半导体=bandaoti 机器人=jiqiren 仪表=yibiao 阀门=famen
        液压=yeya 汽车零部件=qiche 新材料=xincailiao 光电=guangdian"""
    ),
    patterns=("{city}{stem}{trade}{form}", "{stem}{trade}{form}", "{stem}{trade}（{city}）{form}"),
    titles=titles(
        """总经理 | 管理层
        副总经理 | 管理层
        厂长 | 生产部
        生产经理 | 生产部
        自动化主管 | 工程部
        设备经理 | 设备部
        电气工程师 | 工程部
        采购经理 | 采购部
        采购员 | 采购部
        质量经理 | 质量部
        信息总监 | 信息部
        财务总监 | 财务部
        项目经理 | 工程部
        安全主管 | 安全部"""
    ),
    problems=sentences(
        """{product}报错{code}停机 | 三号线的{product}每隔两三个小时就报错{code}停机，重启后恢复，\
每次损失约十分钟。固件已是最新版本。
        满载时驱动器过热 | 更换配方后，{product}满载运行一小时温度超过九十度并自动降速。风扇正常，滤网上周刚换。\
代码{code}。
        固件升级后无法连接 | {product}升级后在{city}工厂的网络上没有响应，指示灯亮。希望周一前恢复生产。
        备件询价 | 请为{product}报价两块模块，料号{code}，送货到{city}。
        缺少校准证书 | 上个月收到的{product}箱内没有校准证书，序列号{code}，审核员本周需要。
        减速机异响 | {product}第二轴更换皮带后有摩擦声，请安排工程师到{city}现场检查。
        许可证无法激活 | {product}的许可证被拒绝，提示{code}。服务器不能上网，已按离线步骤操作。
        操作员培训 | {city}工厂有六名新操作员，希望下季度安排两天的{product}培训。"""
    ),
    comments=lines(
        """已回电客户，等待日志文件。
        备用模块已加急寄出。
        实验室已复现，转交研发部门。
        客户确认临时方案有效。
        已远程处理，升级后第214号参数有误。
        客户一周未回复，已发送提醒。"""
    ),
    tasks=lines(
        """电话跟进报价
        发送修改后的方案
        演示后跟进
        与物流确认交期
        催签合同
        发送案例清单
        准备续约"""
    ),
    meetings=lines(
        """现场拜访
        技术交流会
        产品演示
        季度业务回顾
        合同谈判"""
    ),
    notes=lines(
        """预算已批准，董事会后决定。
        厂长倾向我们，采购要求再报一家。
        现有两条竞争对手的生产线，希望统一。
        {city}新厂房投产取决于本项目。
        要求延长保修期和本地备件。
        下一步：用客户自己的工件测试。"""
    ),
)
