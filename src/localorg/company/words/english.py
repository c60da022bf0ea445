"""English words of the demo company."""

from localorg.company.words.language import Language, lines, sentences, titles, words

ENGLISH = Language(
    code="en",
    locale="en_US",
    women=words(
        """Abigail Alice Amelia Audrey Beatrice Bridget Caroline Charlotte Chloe Claire Daisy Deborah Eleanor
        Elizabeth Ella Emily Emma Evelyn Fiona Grace Hannah Harriet Hazel Helen Imogen Isla Ivy Jane Jessica
        Joanne Judith Kate Laura Lauren Lily Lucy Mabel Margaret Megan Mia Nancy Natalie Nora Olivia Paige
        Phoebe Rachel Rebecca Rosie Ruth Samantha Sarah Sophie Stella Susan Tessa Victoria Violet Wendy Zoe
        Mary-Anne Siobhán Aoife Niamh"""
    ),
    men=words(
        """Aaron Adam Alan Albert Alexander Andrew Anthony Arthur Benjamin Brian Callum Charles Christopher
        Daniel David Dominic Duncan Edward Elliot Ethan Felix Finlay Francis Frederick Gareth George Gordon
        Graham Gregory Harold Harry Henry Hugh Ian Jack Jacob James Jason Jasper John Jon Joseph Joshua Keith
        Kenneth Lewis Liam Louis Luke Malcolm Mark Martin Matthew Nathan Neil Nicholas Oliver Owen Patrick
        Peter Philip Ralph Robert Rory Samuel Simon Stephen Theodore Thomas Toby Walter William Seán"""
    ),
    families=words(
        """Abbott Adcock Ainsley Alderman Appleby Archer Ashdown Atwater Bagshaw Barlow Beckford Bellamy
        Blackwood Bowden Brackley Bradshaw Briggs Brightwell Brockhurst Burrell Calloway Carver Chandler
        Coldwell Colebrook Cooper Croft Dalton Denholm Drayton Dunmore Eastwood Ellery Everett Fairbank
        Fenwick Fletcher Foxley Garland Goodwin Granger Greenwood Hale Hargreaves Hartley Hawthorne Heywood
        Hollis Holloway Hurst Ingram Kendrick Kingsley Langley Lockwood Marlowe Mercer Merriweather Millward
        Nettleton Norwood Oakley Ormsby Pemberton Prescott Quigley Radcliffe Ravenscroft Redfern Rowntree
        Sedgwick Shelton Smith Standish Sutcliffe Swinton Tanner Thackeray Thornbury Underhill Wainwright
        Wakefield Wetherby Whitlock Wilkinson Woodruff Yardley O'Brien O'Dell O’Farrell MacAllister McEwan
        Ashby-Cole Holt-Jennings St._Clair"""
    ),
    family_first=False,
    heads=words(
        """Bram Brock Cald Carn Corv Dun Dren Elm Ever Fen Gar Glen Hal Harl Hex Inver Kest Lang Lor Mar Mill
        Nor Oak Orm Pell Quil Rav Rush Sel Shel Stan Tarn Thorn Ul Var Ver Wald Wex Yar Zel"""
    ),
    tails=words(
        """bury by combe dale den don fell field ford gate ham holm hurst low mead mere mond more ridge
        shaw stead stow thorpe ton vale vern well wick worth yard"""
    ),
    trades=words(
        """Aerospace Automation Beverages Biotech Brewing Castings Chemicals Components Controls Dairy
        Electronics Energy Engineering Filtration Foods Foundry Freight Glass Hydraulics Industries Instruments
        Logistics Machine_Works Materials Medical_Devices Metals Mining Motors Packaging Paper Pharma Plastics
        Power Precision_Tools Robotics Semiconductors Steel Systems Textiles Utilities Valves Water"""
    ),
    patterns=("{stem} {trade} {form}", "{stem} {trade}, {form}", "{stem} & Sons {trade} {form}"),
    titles=titles(
        """Chief Executive Officer | Management
        Chief Operating Officer | Operations
        VP Manufacturing | Production
        Plant Manager | Production
        Head of Automation | Engineering
        Maintenance Manager | Maintenance
        Controls Engineer | Engineering
        Senior Controls Engineer | Engineering
        Purchasing Manager | Purchasing
        Buyer | Purchasing
        Quality Manager | Quality
        IT Director | IT
        Finance Director | Finance
        Project Manager | Engineering
        Safety Officer | Health & Safety
        Production Planner | Production"""
    ),
    problems=sentences(
        """{product} stops with error {code} | The {product} on line 3 stops with error {code} every two to \
three hours. A restart clears it, but we lose about ten minutes each time. Firmware is the latest we have.
        Drive overheats at full load | Since the new recipe the {product} reaches 92 °C after about an hour \
at full load and then derates. Fans run, filters were changed last week. Log file attached, code {code}.
        No connection after firmware update | After the update of our {product} the controller no longer \
answers on the network in {city}. The link LED is on. We need to be back in production by Monday.
        Request for spare parts | Please quote two spare modules for our {product} (part {code}) with \
delivery to {city}. Our last unit failed yesterday.
        Calibration certificate missing | The calibration certificate for the {product} delivered last month \
was not in the box. Our auditor asks for it this week. Serial number {code}.
        Camera rejects good parts | The vision station rejects about four per cent of good parts since the \
lamp was replaced. We use the {product} with the standard recipe. Sample images can be sent.
        Licence key does not activate | The key for the {product} is refused with message {code}. The server \
has no internet access, so we used the offline procedure.
        Noise from gearbox | There is a grinding noise from the second axis of the {product}. It started \
after the belt change in {city}. Can a technician come this week?
        Training dates for new operators | We have six new operators in {city} and would like a two-day \
course on the {product} in the next quarter.
        Safety relay trips at random | The safety relay of the {product} trips without anyone opening the \
door. Wiring was checked twice. Diagnostic shows {code}."""
    ),
    comments=lines(
        """Called the customer back, waiting for the log files.
        Replacement module sent by express.
        Reproduced in the lab with the same firmware; handed to engineering.
        Customer confirms that the workaround holds.
        Remote session done. Parameter 214 was wrong after the update.
        No answer from the customer for a week, reminder sent."""
    ),
    tasks=lines(
        """Call about the quote
        Send the revised proposal
        Follow up after the demo
        Check delivery dates with logistics
        Ask for the signed order
        Send reference list
        Prepare renewal
        Call"""
    ),
    meetings=lines(
        """On-site visit
        Technical workshop
        Product demo
        Quarterly business review
        Contract negotiation
        Meeting"""
    ),
    notes=lines(
        """Budget is approved, decision expected after the board meeting.
        The plant manager prefers us; purchasing wants a second quote.
        They run two competitor lines and want to standardise.
        Start-up of the new hall in {city} depends on this project.
        Asked for longer warranty and local spare parts.
        Key user: maintenance. Next step is a test with their own parts."""
    ),
)
