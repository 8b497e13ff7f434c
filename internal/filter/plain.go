package filter

// plainWords are what plain text is judged by: common names of people, from census and
// registry lists of several countries, and words of addresses and numbers.
var plainWords = []struct {
	class wordClass
	words string
}{
	{isGiven, `james john robert michael william david richard joseph thomas charles christopher daniel matthew anthony steven
		paul andrew joshua kenneth kevin brian george timothy ronald edward jason jeffrey ryan jacob gary nicholas eric jonathan
		stephen larry justin scott brandon benjamin samuel gregory alexander patrick raymond jerry dennis tyler
		aaron jose adam nathan henry douglas zachary peter kyle noah ethan jeremy walter keith roger terry harry
		sean gerald carl harold arthur lawrence jesse bryan lucas gabriel bruce logan albert willie alan juan louis
		wayne elijah randy roy vincent ralph eugene russell bobby philip johnny bradley liam oliver leo theodore julian
		mary patricia jennifer linda elizabeth barbara susan jessica karen sarah lisa nancy sandra betty ashley emily kimberly
		margaret donna michelle carol amanda melissa deborah stephanie rebecca sharon laura cynthia kathleen amy angela shirley
		anna brenda pamela emma nicole helen samantha katherine christine debra rachel carolyn janet catherine maria heather
		diane ruth julie olivia joyce virginia kelly lauren christina joan evelyn judith megan andrea cheryl hannah
		jacqueline martha gloria teresa ann sara madison frances kathryn janice jean abigail alice julia judy sophia
		denise amber doris marilyn danielle beverly isabella theresa diana natalie brittany charlotte marie kayla alexis
		chloe mia ella zoe lucy ellie claire fiona nora eleanor eva clara ines amelia isla poppy freya
		carlos luis miguel jorge pedro alejandro javier fernando diego manuel ricardo eduardo sergio pablo alberto raul mateo
		ana carmen lucia sofia elena rosa isabel pilar beatriz gabriela valentina camila mariana guadalupe
		pierre michel andre philippe alain bernard nicolas laurent christophe antoine olivier francois jacques julien mathieu
		camille sophie celine isabelle nathalie sylvie monique veronique juliette manon amelie
		hans klaus jurgen jürgen wolfgang stefan andreas dieter uwe matthias markus sebastian florian tobias lukas felix jonas maximilian
		sabine petra ursula monika ingrid heike katrin anja birgit greta
		giovanni giuseppe luca marco matteo lorenzo francesco alessandro antonio paolo chiara giulia francesca
		mohammed muhammad ahmed ali omar hassan hussein ibrahim khalid youssef mustafa abdullah fatima aisha layla mariam yasmin zainab
		raj rahul amit anil vijay sanjay arjun ravi suresh rajesh deepak priya anjali pooja neha sunita kavita lakshmi divya aditya rohan
		wei li ming jing hui yan xiao chen hiroshi kenji takashi yuki haruto akira yuko sakura minh nguyen linh
		ivan dmitri sergei vladimir alexei mikhail nikolai natasha olga svetlana tatiana irina anastasia katarzyna piotr
		trevor derek colin graham nigel marcus shannon tanya caleb wyatt harper aaliyah gustav siobhan aoife tariq yusuf leila liv owen luke isaac gavin callum
		rhys ewan duncan malcolm stuart simon martin adrian damian leon kurt rolf heinz gerhard helmut otto ludwig johann friedrich wilhelm heinrich sigmund niels albrecht
		roberto enrique rafael andres felipe gonzalo ignacio joaquin ramon rodrigo salvador veronica adriana daniela alejandra fernanda claudia paola silvia marta
		arun ashok gopal harish krishna mahesh naveen prakash rajiv sachin vikram meera nisha radha rekha shreya swati kamala geeta
		hiroko yoko naoko satoshi takeshi naomi jun bao anh thanh hoang phuong mehmet emre elif zeynep aylin omid reza farhad shirin parisa noor samira salma
		bogdan andrei mihai ioana zoltan istvan agnieszka magdalena malgorzata tomasz krzysztof pavel jana lenka petr oksana yulia igor oleg boris viktor nadia
		lars erik anders björn sven astrid ingeborg mikael johan kristina kwame chidi ngozi amara oluwaseun thabo`},
	{isUnsure, `mark will bill jack frank grant dean chase jordan austin dallas rose grace hope may june april art christian
		victoria florence paris sydney savannah brooklyn chelsea georgia carolina aurora faith joy dawn drew miles ray gene
		max sam ben tom tim jim bob joe dan ron don ken matt mike dave steve nick alex kim lee pat chris jan santiago lincoln hunter mason
		carter parker taylor morgan dylan angel jesus victor rosemary ruby crystal jade ivy violet daisy pearl`},
	{isSurname, `smith johnson williams jones garcia miller davis rodriguez martinez hernandez lopez gonzalez wilson anderson thomas
		taylor moore jackson martin perez thompson harris sanchez clark ramirez lewis robinson walker allen wright
		torres nguyen flores adams nelson mitchell rivera campbell carter roberts gomez phillips evans
		turner diaz edwards collins reyes stewart morris morales murphy rogers gutierrez ortiz morgan
		peterson bailey reed kelly howard ramos kim richardson watson brooks chavez bennett mendoza ruiz hughes alvarez castillo
		sanders patel myers ross foster jimenez powell jenkins russell sullivan griffin hayes murray ford mcdonald
		o'brien davies khan ahmed singh kumar sharma gupta shah chen wang zhang liu yang huang zhao zhou tanaka suzuki sato yamamoto watanabe
		müller mueller schmidt schneider fischer weber meyer wagner becker schulz hoffmann koch bauer richter klein wolf schröder neumann
		dubois durand moreau laurent lefebvre leroy bernard petit rousseau rossi russo ferrari esposito bianchi romano colombo ricci
		silva santos oliveira souza pereira costa ferreira almeida kowalski nowak novak ivanov petrov smirnov johansson andersson nilsson
		delgado vega castro cruz guerrero navarro dominguez vargas herrera medina aguilar soto fernandez fernández gutiérrez gonzález rodríguez martínez lópez pérez sánchez garcía
		tremblay gagnon beaumont fontaine mercier lambert fournier girard bonnet zimmermann vogel schwarz krüger hartmann lange krause lehmann huber maier fuchs
		byrne o'connor doyle mccarthy macleod mackenzie fitzpatrick sheridan brennan lindqvist eriksson svensson petersen rasmussen horvat popescu ionescu papadopoulos
		nakamura kobayashi yamada ito kato yoshida banerjee chatterjee mukherjee desai mehta iyer reddy rao nair menon verma mishra joshi bhatt malhotra kapoor
		hansen larsen olsen jensen nielsen okafor adeyemi mensah haddad hassan ali cohen levy friedman goldberg rosenberg park choi tran pham
		fitzgerald gallagher obrien mccarthy macdonald cameron fraser sinclair whitfield harrington pemberton blackwood kensington`},
	{isTitle, `mr mrs ms miss mx dr prof professor doctor sir dame madam rev reverend herr frau monsieur madame mme señor señora señorita sr sra signor signora`},
	{isParticle, `de da di del della der den van von la le los las dos das du bin ibn al el af av ten ter y zu zur`},
	{isNoName, `the a an i in on at of to for from with and or but if when where what who whom why how this that these those my your his her its our
		their we you he she it they is are was were be been am do does did have has had can could would should may might must shall not no yes
		as by so than then there here please thank thanks hello hi hey dear best kind regards sincerely yours cheers ok okay also just all any some
		monday tuesday wednesday thursday friday saturday sunday january february march april may june july august september october november december
		mon tue wed thu fri sat sun jan feb mar apr jun jul aug sep sept oct nov dec
		english french german spanish italian chinese japanese russian american british european african asian indian canadian australian
		new north south east west northern southern eastern western great united first second third last next previous
		error warning info debug true false null none note todo see use using get set add update delete create read write open close call email phone
		http https api json xml html css sql url id uuid python java javascript typescript rust go linux windows mac macos ios android docker kubernetes git github
		google microsoft amazon apple facebook openai anthropic president minister king queen prince princess saint pope
		subject re fwd cc bcc sent date time attn regarding invoice order ticket account customer client patient employee manager user admin
		because however therefore although since while after before during until about into over under again once more most very
		let make take give ask tell say said says told asked wrote met calls called saw i'm`},
	{isThing, `street st avenue ave road rd boulevard blvd lane ln drive court place square plaza terrace highway parkway
		university college school institute academy hospital clinic church cathedral temple mosque museum library theater theatre gallery hotel inn
		airport station port harbor bridge tunnel tower building center centre mall park garden gardens zoo stadium arena field
		river lake mountain mount mountains hill hills valley canyon island islands beach bay ocean sea desert forest falls creek county city town
		inc llc ltd corp corporation company co gmbh ag plc sa foundation association society club union bank group partners holdings industries technologies
		labs systems software press times post journal tribune award prize medal cup trophy theorem conjecture equation law effect syndrome disease algorithm method
		test function class api framework library project program initiative act bill amendment treaty accord agreement report study
		opera house office department ministry council committee commission agency bureau court fc united rovers hall films studios records motors airlines
		conference summit festival week day street's fashion hilton marathon collection edition series`},
	{isNameCue, `name named i am m dear appelle llamo heiße heisse signed sincerely chiamo cordially atty`},
	{isSuffix, `street st avenue ave av road rd boulevard blvd lane ln drive dr court ct place pl square sq terrace ter highway hwy
		parkway pkwy circle cir way trail trl crescent cres close row walk mews alley aly loop pike turnpike expressway plaza plz quay grove gardens hill rise view heights`},
	{isBareSuffix, `street avenue ave road rd boulevard blvd lane`},
	{isWay, `rue calle via viale avenida rua avenue boulevard plaza piazza carrer camino paseo place quai chemin corso largo praça ulica`},
	{isUnit, `apt apartment suite ste unit floor fl room rm flat building bldg #`},
	{isCity, `london paris berlin madrid rome vienna prague budapest warsaw dublin lisbon brussels amsterdam copenhagen stockholm oslo helsinki athens
		moscow kyiv istanbul cairo lagos nairobi johannesburg casablanca dubai riyadh tehran baghdad mumbai delhi bangalore chennai kolkata hyderabad karachi lahore
		dhaka beijing shanghai shenzhen guangzhou tokyo osaka kyoto seoul taipei bangkok jakarta manila singapore hanoi sydney melbourne brisbane perth auckland
		wellington toronto vancouver montreal ottawa calgary chicago houston phoenix philadelphia dallas austin seattle denver boston detroit memphis portland
		baltimore milwaukee albuquerque tucson fresno sacramento atlanta miami oakland minneapolis tampa cleveland pittsburgh cincinnati orlando munich hamburg
		frankfurt cologne stuttgart milan naples turin florence venice barcelona valencia seville lyon marseille toulouse nice bordeaux lille zurich geneva basel
		manchester birmingham liverpool leeds glasgow edinburgh bristol cardiff belfast springfield santiago lima bogota caracas quito montevideo havana krakow
		new_york los_angeles san_francisco san_diego san_antonio san_jose las_vegas new_orleans new_delhi hong_kong kuala_lumpur buenos_aires rio_janeiro cape_town
		tel_aviv abu_dhabi mexico_city saint_petersburg são_paulo salt_lake fort_worth el_paso kansas_city st_louis`},
	{isCountry, `england scotland wales ireland france germany spain italy portugal netherlands belgium luxembourg switzerland austria denmark norway sweden finland
		iceland poland hungary romania bulgaria greece turkey ukraine russia egypt nigeria kenya ethiopia ghana morocco algeria tunisia india pakistan bangladesh
		china japan korea taiwan thailand vietnam indonesia malaysia philippines singapore australia canada mexico brazil argentina chile colombia peru venezuela
		usa uk uae israel iran iraq jordan lebanon qatar croatia serbia slovakia slovenia estonia latvia lithuania cuba ecuador uruguay
		united_kingdom united_states united_arab new_zealand south_africa south_korea saudi_arabia czech_republic costa_rica sri_lanka`},
	{isState, `al ak az ar ca co ct de fl ga hi id il in ia ks ky la me md ma mi mn ms mo mt ne nv nh nj nm ny nc nd oh ok or pa ri sc sd tn tx ut vt va wa wv wi wy dc
		alabama alaska arizona arkansas california colorado connecticut delaware florida georgia hawaii idaho illinois indiana iowa kansas kentucky louisiana
		maine maryland massachusetts michigan minnesota mississippi missouri montana nebraska nevada ohio oklahoma oregon pennsylvania tennessee texas utah vermont
		virginia washington wisconsin wyoming ontario quebec alberta new_jersey new_mexico new_york new_hampshire north_carolina south_carolina north_dakota
		south_dakota rhode_island west_virginia british_columbia`},
	{isDirection, `north south east west n s e w ne nw se sw northeast northwest southeast southwest`},
	{isPair, `new los san las hong kuala buenos rio cape tel abu mexico saint são salt fort el kansas st united south saudi czech costa sri north rhode west british`},
	{isPhoneCue, `phone telephone tel mobile cell cellphone fax call dial text sms whatsapp contact reach téléphone telefon telefono teléfono handy hotline landline ring`},
	{isSSNCue, `ssn ssn's social security socials`},
	{isIDCue, `order invoice ticket id ref reference tracking sku serial account acct case part isbn transaction confirmation batch model version item
		build commit receipt product job pid offset bytes timestamp epoch shipment parcel po catalog barcode upc ean issue port size count row line page
		request req session seq sequence checksum hash lot policy claim member customer user`},
	{isVersionCue, `version versions ver v release build revision rev firmware section chapter clause oid upgrade upgraded patch`},
	{isNetCue, `ip ipv addr address host server gateway dns subnet`},
	{isBox, `box`},
	{isLink, `number is are was my the at on me us to`},
}
