"""The bibliography: every source that articles may cite. A source's key is its first author and year.

Authors follow AMA style: list up to six. If there are more, list the first three and "et al".
"""

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Reference:
    """One source. Leave unknown fields empty, because a wrong volume is worse than none."""

    key: str
    authors: str
    title: str
    journal: str  # or publisher
    year: int
    place: str = ""  # volume(issue):pages in the journal, or the publisher's number or date
    doi: str = ""
    pmid: str = ""  # only without a DOI, because one link is enough
    pmc: str = ""  # id of the free full text at PubMed Central
    url: str = ""  # only if there is none of these
    # Names of fields that are missing, or that nobody has checked against the publication itself.
    unverified: tuple[str, ...] = ()

    @property
    def link(self) -> str:
        """Return the most permanent known URL, or ""."""
        if self.doi:
            return f"https://doi.org/{self.doi}"
        if self.pmid:
            return f"https://pubmed.ncbi.nlm.nih.gov/{self.pmid}/"
        return self.free_text or self.url

    @property
    def link_shown(self) -> str:
        return self.link.removeprefix("https://").removesuffix("/")

    @property
    def free_text(self) -> str:
        return f"https://pmc.ncbi.nlm.nih.gov/articles/{self.pmc}/" if self.pmc else ""

    @property
    def name(self) -> str:
        """Return the first author and year, such as "Anand 2023"."""
        surname = re.split(r" [A-Z]{1,4}\b", self.authors)[0]
        return f"{surname} {self.year}"

    @property
    def where(self) -> str:
        """Return the journal, year and place, such as "Pain. 2009;145(3):304-311"."""
        separator = ";" if self.place[:1].isdigit() else ", "
        return f"{self.journal}. {self.year}" + (separator + self.place if self.place else "")

    @property
    def verified(self) -> bool:
        return not self.unverified


_REFERENCES = (
    # --- History, law and how it works
    Reference(
        key="li-2016",
        authors="Li L, Vlisides PE",
        title="Ketamine: 50 years of modulating the mind",
        journal="Front Hum Neurosci",
        year=2016,
        place="10:612",
        doi="10.3389/fnhum.2016.00612",
    ),
    Reference(
        key="domino-2010",
        authors="Domino EF",
        title="Taming the ketamine tiger",
        journal="Anesthesiology",
        year=2010,
        place="113(3):678-684",
        doi="10.1097/ALN.0b013e3181ed09a2",
        unverified=("doi",),
    ),
    Reference(
        key="dea-1999",
        authors="US Drug Enforcement Administration",
        title="Schedules of controlled substances: placement of ketamine into Schedule III. Final rule",
        journal="Federal Register",
        year=1999,
        place="64:37673-37675 (FR Doc 99-17803), July 13; in force August 12, 1999",
        url="https://www.govinfo.gov/link/fr/64/37673",
        unverified=("url",),
    ),
    Reference(
        key="ketamine-label",
        authors="Hospira",
        title="Ketamine hydrochloride injection, CIII: US prescribing information",
        journal="DailyMed",
        year=2024,
        place="updated May 16 (first approved 1970)",
        url="https://dailymed.nlm.nih.gov/dailymed/drugInfo.cfm?setid=390f2db8-0fcd-4648-b584-9effa084be27",
        unverified=("url",),
    ),
    Reference(
        key="spravato-label",
        authors="Janssen",
        title="Spravato (esketamine) nasal spray, CIII: US prescribing information and Medication Guide",
        journal="Janssen",
        year=2025,
        place="first approved 2019; approved without another antidepressant in January 2025",
        unverified=("url",),
    ),
    Reference(
        key="fda-2022",
        authors="US Food and Drug Administration",
        title="FDA alerts health care professionals of potential risks associated with compounded ketamine nasal spray",
        journal="FDA",
        year=2022,
        place="February 16",
        url="https://www.fda.gov/drugs/human-drug-compounding/fda-alerts-health-care-professionals-potential-risks-associated-compounded-ketamine-nasal-spray",
        unverified=("date",),
    ),
    Reference(
        key="fda-2023",
        authors="US Food and Drug Administration",
        title="FDA warns patients and health care providers about potential risks associated with compounded ketamine "
        "products, including oral formulations, for the treatment of psychiatric disorders",
        journal="FDA",
        year=2023,
        place="October 10",
        unverified=("date", "url"),
    ),
    Reference(
        key="zanos-2018",
        authors="Zanos P, Gould TD",
        title="Mechanisms of ketamine action as an antidepressant",
        journal="Mol Psychiatry",
        year=2018,
        place="23(4):801-811",
        doi="10.1038/mp.2017.255",
    ),
    Reference(
        key="duman-2016",
        authors="Duman RS, Aghajanian GK, Sanacora G, Krystal JH",
        title="Synaptic plasticity and depression: new insights from stress and rapid-acting antidepressants",
        journal="Nat Med",
        year=2016,
        place="22(3):238-249",
        doi="10.1038/nm.4050",
        pmc="PMC5405628",
    ),
    Reference(
        key="williams-2018",
        authors="Williams NR, Heifets BD, Blasey C, et al",
        title="Attenuation of antidepressant effects of ketamine by opioid receptor antagonism",
        journal="Am J Psychiatry",
        year=2018,
        place="175(12):1205-1215",
        doi="10.1176/appi.ajp.2018.18020138",
        unverified=("authors", "volume", "pages"),
    ),
    Reference(
        key="spies-2018",
        authors="Spies M, James GM, Berroterán-Infante N, et al",
        title="Assessment of ketamine binding of the serotonin transporter in humans with positron emission tomography",
        journal="Int J Neuropsychopharmacol",
        year=2018,
        place="21(2):145-153",
        doi="10.1093/ijnp/pyx085",
        pmc="PMC5793827",
        unverified=("volume", "pages", "doi"),
    ),
    Reference(
        key="schlosser-2025",
        authors="Schlosser G, Murgaš M, Godbersen GM, et al",
        title="Human in vivo assessment of ketamine binding of the serotonin transporter: follow up at a higher dose",
        journal="Front Neurosci",
        year=2025,
        place="19:1651016",
        doi="10.3389/fnins.2025.1651016",
    ),
    Reference(
        key="scheidegger-2016",
        authors="Scheidegger M, Henning A, Walter M, et al",
        title="Ketamine administration reduces amygdalo-hippocampal reactivity to emotional stimulation",
        journal="Hum Brain Mapp",
        year=2016,
        place="37(5):1941-1952",
        doi="10.1002/hbm.23148",
    ),
    Reference(
        key="becker-2017",
        authors="Becker B, Steffens M, Zhao Z, et al",
        title="General and emotion-specific neural effects of ketamine during emotional memory formation",
        journal="NeuroImage",
        year=2017,
        place="150:308-317",
        doi="10.1016/j.neuroimage.2017.02.049",
    ),
    Reference(
        key="pardossi-2024",
        authors="Pardossi S, Fagiolini A, Cuomo A",
        title="Variations in BDNF and their role in the neurotrophic antidepressant mechanisms of ketamine and "
        "esketamine: a review",
        journal="Int J Mol Sci",
        year=2024,
        place="25(23):13098",
        doi="10.3390/ijms252313098",
    ),
    # --- Depression
    Reference(
        key="berman-2000",
        authors="Berman RM, Cappiello A, Anand A, et al",
        title="Antidepressant effects of ketamine in depressed patients",
        journal="Biol Psychiatry",
        year=2000,
        place="47(4):351-354",
        doi="10.1016/S0006-3223(99)00230-9",
    ),
    Reference(
        key="zarate-2006",
        authors="Zarate CA Jr, Singh JB, Carlson PJ, et al",
        title="A randomized trial of an N-methyl-D-aspartate antagonist in treatment-resistant major depression",
        journal="Arch Gen Psychiatry",
        year=2006,
        place="63(8):856-864",
        doi="10.1001/archpsyc.63.8.856",
    ),
    Reference(
        key="murrough-2013",
        authors="Murrough JW, Iosifescu DV, Chang LC, et al",
        title="Antidepressant efficacy of ketamine in treatment-resistant major depression: a two-site randomized "
        "controlled trial",
        journal="Am J Psychiatry",
        year=2013,
        place="170(10):1134-1142",
        doi="10.1176/appi.ajp.2013.13030392",
        unverified=("volume", "pages", "doi"),
    ),
    Reference(
        key="murrough-2013-repeated",
        authors="Murrough JW, Perez AM, Pillemer S, et al",
        title="Rapid and longer-term antidepressant effects of repeated ketamine infusions in treatment-resistant "
        "major depression",
        journal="Biol Psychiatry",
        year=2013,
        place="74(4):250-256",
        doi="10.1016/j.biopsych.2012.06.022",
    ),
    Reference(
        key="singh-2016",
        authors="Singh JB, Fedgchin M, Daly EJ, et al",
        title="A double-blind, randomized, placebo-controlled, dose-frequency study of intravenous ketamine in "
        "patients with treatment-resistant depression",
        journal="Am J Psychiatry",
        year=2016,
        place="173(8):816-826",
        doi="10.1176/appi.ajp.2016.16010037",
        unverified=("authors", "title", "volume", "pages"),
    ),
    Reference(
        key="phillips-2019",
        authors="Phillips JL, Norris S, Talbot J, et al",
        title="Single, repeated, and maintenance ketamine infusions for treatment-resistant depression: a randomized "
        "controlled trial",
        journal="Am J Psychiatry",
        year=2019,
        place="176(5):401-409",
        doi="10.1176/appi.ajp.2018.18070834",
    ),
    Reference(
        key="mandal-2019",
        authors="Mandal S, Sinha VK, Goyal N",
        title="Efficacy of ketamine therapy in the treatment of depression",
        journal="Indian J Psychiatry",
        year=2019,
        place="61(5):480-485",
        doi="10.4103/psychiatry.IndianJPsychiatry_484_18",
        pmc="PMC6767816",
    ),
    Reference(
        key="dean-2021",
        authors="Dean RL, Hurducas C, Hawton K, et al",
        title="Ketamine and other glutamate receptor modulators for depression in adults with unipolar major "
        "depressive disorder",
        journal="Cochrane Database Syst Rev",
        year=2021,
        place="9:CD011612",
        doi="10.1002/14651858.CD011612.pub3",
        unverified=("authors",),
    ),
    Reference(
        key="mcintyre-2021",
        authors="McIntyre RS, Rosenblat JD, Nemeroff CB, et al",
        title="Synthesizing the evidence for ketamine and esketamine in treatment-resistant depression: an "
        "international expert opinion on the available evidence and implementation",
        journal="Am J Psychiatry",
        year=2021,
        place="178(5):383-399",
        doi="10.1176/appi.ajp.2020.20081251",
        pmc="PMC9635017",
    ),
    Reference(
        key="sanacora-2017",
        authors="Sanacora G, Frye MA, McDonald W, et al",
        title="A consensus statement on the use of ketamine in the treatment of mood disorders",
        journal="JAMA Psychiatry",
        year=2017,
        place="74(4):399-405",
        doi="10.1001/jamapsychiatry.2017.0080",
        unverified=("issue", "doi"),
    ),
    Reference(
        key="vadod-depression-2022",
        authors="McQuaid JR, Buelt A, Capaldi V, et al",
        title="The management of major depressive disorder: the 2022 guideline of the US Department of Veterans "
        "Affairs and Department of Defense, in summary",
        journal="Ann Intern Med",
        year=2022,
        place="175(10):1440-1451",
        unverified=("authors", "title", "volume", "pages", "doi"),
    ),
    Reference(
        key="ekstrand-2022",
        authors="Ekstrand J, Fattah C, Persson M, et al",
        title="Racemic ketamine as an alternative to electroconvulsive therapy for unipolar depression: a randomized, "
        "open-label, non-inferiority trial (KetECT)",
        journal="Int J Neuropsychopharmacol",
        year=2022,
        place="25(5):339-349",
        doi="10.1093/ijnp/pyab088",
        pmc="PMC9154276",
        unverified=("authors", "title", "volume", "doi"),
    ),
    Reference(
        key="anand-2023",
        authors="Anand A, Mathew SJ, Sanacora G, et al",
        title="Ketamine versus ECT for nonpsychotic treatment-resistant major depression",
        journal="N Engl J Med",
        year=2023,
        place="388(25):2315-2325",
        doi="10.1056/NEJMoa2302399",
        unverified=("volume", "pages"),
    ),
    Reference(
        key="lii-2023",
        authors="Lii TR, Smith AE, Flohr JR, et al",
        title="Randomized trial of ketamine masked by surgical anesthesia in patients with depression",
        journal="Nat Ment Health",
        year=2023,
        place="1(11):876-886",
        doi="10.1038/s44220-023-00140-x",
        pmc="PMC10769130",
    ),
    Reference(
        key="jelovac-2025",
        authors="Jelovac A, et al",
        title="Serial ketamine infusions as adjunctive therapy to inpatient care for depression: the KARMA-Dep 2 "
        "randomized clinical trial",
        journal="JAMA Psychiatry",
        year=2025,
        place="published online October 22",
        doi="10.1001/jamapsychiatry.2025.3019",
        unverified=("volume", "pages"),
    ),
    Reference(
        key="abbar-2022",
        authors="Abbar M, Demattei C, El-Hage W, et al",
        title="Ketamine for the acute treatment of severe suicidal ideation: double blind, randomised placebo "
        "controlled trial",
        journal="BMJ",
        year=2022,
        place="376:e067194",
        doi="10.1136/bmj-2021-067194",
    ),
    # --- PTSD
    Reference(
        key="feder-2014",
        authors="Feder A, Parides MK, Murrough JW, et al",
        title="Efficacy of intravenous ketamine for treatment of chronic posttraumatic stress disorder: a randomized "
        "clinical trial",
        journal="JAMA Psychiatry",
        year=2014,
        place="71(6):681-688",
        doi="10.1001/jamapsychiatry.2014.62",
    ),
    Reference(
        key="feder-2021",
        authors="Feder A, Costi S, Rutter SB, et al",
        title="A randomized controlled trial of repeated ketamine administration for chronic posttraumatic stress "
        "disorder",
        journal="Am J Psychiatry",
        year=2021,
        place="178(2):193-202",
        doi="10.1176/appi.ajp.2020.20050596",
        unverified=("authors", "volume", "pages"),
    ),
    Reference(
        key="abdallah-2022",
        authors="Abdallah CG, Roache JD, Gueorguieva R, et al",
        title="Dose-related effects of ketamine for antidepressant-resistant symptoms of posttraumatic stress "
        "disorder in veterans and active duty military: a double-blind, randomized, placebo-controlled multi-center "
        "clinical trial",
        journal="Neuropsychopharmacology",
        year=2022,
        place="47(8):1574-1581",
        doi="10.1038/s41386-022-01266-9",
    ),
    Reference(
        key="borgogna-2024",
        authors="Borgogna NC, et al",
        title="So how special is special K? A systematic review and meta-analysis of ketamine for PTSD RCTs",
        journal="Eur J Psychotraumatol",
        year=2024,
        place="15(1):2299124",
        doi="10.1080/20008066.2023.2299124",
        unverified=("authors", "volume"),
    ),
    Reference(
        key="schnurr-2024",
        authors="Schnurr PP, Hamblen JL, Wolf J, et al",
        title="The management of posttraumatic stress disorder and acute stress disorder: synopsis of the 2023 U.S. "
        "Department of Veterans Affairs and U.S. Department of Defense clinical practice guideline",
        journal="Ann Intern Med",
        year=2024,
        place="177(3):363-374",
        doi="10.7326/M23-2757",
    ),
    Reference(
        key="ncptsd-medications",
        authors="VA National Center for PTSD",
        title="Clinician's guide to medications for PTSD",
        journal="US Department of Veterans Affairs",
        year=2026,
        place="as seen in November",
        url="https://www.ptsd.va.gov/",
    ),
    # --- Anxiety
    Reference(
        key="glue-2017",
        authors="Glue P, Medlicott NJ, Harland S, et al",
        title="Ketamine's dose-related effects on anxiety symptoms in patients with treatment refractory anxiety "
        "disorders",
        journal="J Psychopharmacol",
        year=2017,
        place="31(10):1302-1305",
        doi="10.1177/0269881117705089",
    ),
    Reference(
        key="glue-2018",
        authors="Glue P, Neehoff SM, Medlicott NJ, Gray A, Kibby G, McNaughton N",
        title="Safety and efficacy of maintenance ketamine treatment in patients with treatment-refractory "
        "generalised anxiety and social anxiety disorders",
        journal="J Psychopharmacol",
        year=2018,
        place="32(6):663-667",
        doi="10.1177/0269881118762073",
    ),
    Reference(
        key="taylor-2018",
        authors="Taylor JH, Landeros-Weisenberger A, Coughlin C, et al",
        title="Ketamine for social anxiety disorder: a randomized, placebo-controlled crossover trial",
        journal="Neuropsychopharmacology",
        year=2018,
        place="43(2):325-333",
        doi="10.1038/npp.2017.194",
        pmc="PMC5729569",
    ),
    Reference(
        key="tully-2022",
        authors="Tully JL, Dahlén AD, Haggarty CJ, Schiöth HB, Brooks S",
        title="Ketamine treatment for refractory anxiety: a systematic review",
        journal="Br J Clin Pharmacol",
        year=2022,
        place="88(10):4412-4426",
        pmc="PMC9540337",
        unverified=("authors", "title", "volume", "pages", "doi"),
    ),
    # --- Chronic pain
    Reference(
        key="niesters-2014",
        authors="Niesters M, Martini C, Dahan A",
        title="Ketamine for chronic pain: risks and benefits",
        journal="Br J Clin Pharmacol",
        year=2014,
        place="77(2):357-367",
        doi="10.1111/bcp.12094",
        pmc="PMC4014022",
    ),
    Reference(
        key="cohen-2018",
        authors="Cohen SP, Bhatia A, Buvanendran A, et al",
        title="Consensus guidelines on the use of intravenous ketamine infusions for chronic pain from the American "
        "Society of Regional Anesthesia and Pain Medicine, the American Academy of Pain Medicine, and the American "
        "Society of Anesthesiologists",
        journal="Reg Anesth Pain Med",
        year=2018,
        place="43(5):521-546",
        doi="10.1097/AAP.0000000000000808",
    ),
    Reference(
        key="sigtermans-2009",
        authors="Sigtermans MJ, van Hilten JJ, Bauer MCR, et al",
        title="Ketamine produces effective and long-term pain relief in patients with complex regional pain syndrome "
        "type 1",
        journal="Pain",
        year=2009,
        place="145(3):304-311",
        doi="10.1016/j.pain.2009.06.023",
    ),
    Reference(
        key="schwartzman-2009",
        authors="Schwartzman RJ, Alexander GM, Grothusen JR, Paylor T, Reichenberger E, Perreault M",
        title="Outpatient intravenous ketamine for the treatment of complex regional pain syndrome: a double-blind "
        "placebo controlled study",
        journal="Pain",
        year=2009,
        place="147(1-3):107-115",
        doi="10.1016/j.pain.2009.08.015",
    ),
    Reference(
        key="ferraro-2025",
        authors="Ferraro MC, Cashin AG, O'Connell NE, et al",
        title="Ketamine and other NMDA receptor antagonists for chronic pain",
        journal="Cochrane Database Syst Rev",
        year=2025,
        place="8:CD015373",
        doi="10.1002/14651858.CD015373.pub2",
        unverified=("issue", "doi"),
    ),
    Reference(
        key="orhurhu-2019",
        authors="Orhurhu V, Orhurhu MS, Bhatia A, Cohen SP",
        title="Ketamine infusions for chronic pain: a systematic review and meta-analysis of randomized controlled "
        "trials",
        journal="Anesth Analg",
        year=2019,
        place="129(1):241-254",
        doi="10.1213/ANE.0000000000004185",
    ),
    Reference(
        key="noppers-2011-fibromyalgia",
        authors="Noppers I, Niesters M, Swartjes M, et al",
        title="Absence of long-term analgesic effect from a short-term S-ketamine infusion on fibromyalgia pain: a "
        "randomized, prospective, double blind, active placebo-controlled trial",
        journal="Eur J Pain",
        year=2011,
        place="15(9):942-949",
        unverified=("doi",),
    ),
    Reference(
        key="corriger-2022",
        authors="Corriger A, Voute M, Lambert C, et al",
        title="Ketamine for refractory chronic pain: a 1-year follow-up study",
        journal="Pain",
        year=2022,
        place="163(4):690-701",
        doi="10.1097/j.pain.0000000000002403",
    ),
    Reference(
        key="pickering-2020",
        authors="Pickering G, Pereira B, Morel V, et al",
        title="Ketamine and magnesium for refractory neuropathic pain: a randomized, double-blind, crossover trial",
        journal="Anesthesiology",
        year=2020,
        place="133(1):154-164",
        doi="10.1097/ALN.0000000000003345",
    ),
    Reference(
        key="jonkman-2017",
        authors="Jonkman K, Dahan A, van de Donk T, Aarts L, Niesters M, van Velzen M",
        title="Ketamine for pain",
        journal="F1000Research",
        year=2017,
        place="6(F1000 Faculty Rev):1711",
        doi="10.12688/f1000research.11372.1",
    ),
    # --- Safety, medicines beside it, driving
    Reference(
        key="short-2018",
        authors="Short B, Fong J, Galvez V, Shelker W, Loo CK",
        title="Side-effects associated with ketamine use in depression: a systematic review",
        journal="Lancet Psychiatry",
        year=2018,
        place="5(1):65-78",
        doi="10.1016/S2215-0366(17)30272-9",
    ),
    Reference(
        key="nikayin-2022",
        authors="Nikayin S, Murphy E, Krystal JH, Wilkinson ST",
        title="Long-term safety of ketamine and esketamine in treatment of depression",
        journal="Expert Opin Drug Saf",
        year=2022,
        place="21(6):777-787",
        doi="10.1080/14740338.2022.2066651",
        unverified=("authors",),
    ),
    Reference(
        key="szarmach-2020",
        authors="Szarmach J, Cubała WJ, Włodarczyk A, Gałuszko-Węgielnik M",
        title="Metabolic risk factors and cardiovascular safety in ketamine use for treatment resistant depression",
        journal="Neuropsychiatr Dis Treat",
        year=2020,
        place="16:2539-2551",
        doi="10.2147/NDT.S273287",
    ),
    Reference(
        key="noppers-2011-liver",
        authors="Noppers IM, Niesters M, Aarts LPHJ, et al",
        title="Drug-induced liver injury following a repeated course of ketamine treatment for chronic pain in CRPS "
        "type 1 patients: a report of 3 cases",
        journal="Pain",
        year=2011,
        place="152(9):2173-2178",
        doi="10.1016/j.pain.2011.03.026",
    ),
    Reference(
        key="cotter-2021",
        authors="Cotter S, Wong J, Gada N, et al",
        title="Repeated or continuous medically supervised ketamine administration associated with hepatobiliary "
        "adverse events: a retrospective case series",
        journal="Drug Saf",
        year=2021,
        place="44(12):1365-1374",
        doi="10.1007/s40264-021-01120-9",
        pmc="PMC8546385",
    ),
    Reference(
        key="swainson-2022",
        authors="Swainson J, Klassen LJ, Brennan S, et al",
        title="Non-parenteral ketamine for depression: a practical discussion on addiction potential and "
        "recommendations for judicious prescribing",
        journal="CNS Drugs",
        year=2022,
        place="36(3):239-251",
        doi="10.1007/s40263-022-00897-2",
        pmc="PMC8853036",
    ),
    Reference(
        key="veraart-2021",
        authors="Veraart JKE, Smith-Apeldoorn SY, Bakker IM, et al",
        title="Pharmacodynamic interactions between ketamine and psychiatric medications used in the treatment of "
        "depression: a systematic review",
        journal="Int J Neuropsychopharmacol",
        year=2021,
        place="24(10):808-831",
        doi="10.1093/ijnp/pyab039",
    ),
    Reference(
        key="andrade-2017",
        authors="Andrade C",
        title="Ketamine for depression, 5: potential pharmacokinetic and pharmacodynamic drug interactions",
        journal="J Clin Psychiatry",
        year=2017,
        place="78(7)",
        unverified=("pages", "doi"),
    ),
    Reference(
        key="vandeloo-2017",
        authors="van de Loo AJAE, Bervoets AC, Mooren L, et al",
        title="The effects of intranasal esketamine (84 mg) and oral mirtazapine (30 mg) on on-road driving "
        "performance",
        journal="Psychopharmacology",
        year=2017,
        place="234(21):3175-3183",
        doi="10.1007/s00213-017-4706-6",
    ),
    Reference(
        key="dijkstra-2022",
        authors="Dijkstra FM, van de Loo AJ, Abdulahad S, et al",
        title="The effects of intranasal esketamine on on-road driving performance in patients with major depressive "
        "disorder or persistent depressive disorder",
        journal="J Psychopharmacol",
        year=2022,
        unverified=("volume", "pages", "doi"),
    ),
    Reference(
        key="askp-2020",
        authors="American Society of Ketamine Physicians, Psychotherapists & Practitioners",
        title="Standards of practice in the therapeutic use of subanesthetic ketamine",
        journal="ASKP",
        year=2020,
        place="announced August 11",
        url="https://www.askp.org/",
    ),
    # --- Advertising, help in a crisis, and how pages like these are judged
    Reference(
        key="crane-2023",
        authors="Crane MA, DiStefano MJ, Moore TJ",
        title="False or misleading claims in online direct-to-consumer ketamine advertising in Maryland",
        journal="JAMA Netw Open",
        year=2023,
        place="6(11):e2342210",
        doi="10.1001/jamanetworkopen.2023.42210",
        pmc="PMC10630893",
    ),
    Reference(
        key="ftc-2022",
        authors="US Federal Trade Commission",
        title="Health products compliance guidance",
        journal="FTC",
        year=2022,
        place="December 20",
        unverified=("url",),
    ),
    Reference(
        key="ftc-2024",
        authors="US Federal Trade Commission",
        title="Trade regulation rule on the use of consumer reviews and testimonials, 16 CFR part 465",
        journal="Federal Register",
        year=2024,
        place="89:68034, August 22; in force October 21, 2024",
        url="https://www.govinfo.gov/link/fr/89/68034",
        unverified=("url",),
    ),
    Reference(
        key="illinois-practice-act",
        authors="State of Illinois",
        title="Medical Practice Act of 1987, 225 ILCS 60/26: advertising",
        journal="Illinois General Assembly",
        year=1987,
        place="as amended by Public Act 97-622",
        url="https://www.ilga.gov/",
    ),
    Reference(
        key="samhsa-988",
        authors="US Substance Abuse and Mental Health Services Administration",
        title="988 Suicide & Crisis Lifeline",
        journal="SAMHSA",
        year=2026,
        place="as seen in November",
        url="https://988lifeline.org/",
    ),
    Reference(
        key="cares-line",
        authors="State of Illinois",
        title="Illinois CARES: Crisis and Referral Entry Services",
        journal="Illinois CARES",
        year=2026,
        place="as seen in November",
        url="https://carescrisisline.com/",
    ),
    Reference(
        key="agarwal-2013",
        authors="Agarwal N, Hansberry DR, Sabourin V, Tomei KL, Prestigiacomo CJ",
        title="A comparative analysis of the quality of patient education materials from medical specialties",
        journal="JAMA Intern Med",
        year=2013,
        place="173(13):1257-1259",
        doi="10.1001/jamainternmed.2013.6060",
    ),
    Reference(
        key="rooney-2021",
        authors="Rooney MK, Santiago G, Perni S, et al",
        title="Readability of patient education materials from high-impact medical journals: a 20-year analysis",
        journal="J Patient Exp",
        year=2021,
        place="8:2374373521998847",
        doi="10.1177/2374373521998847",
        pmc="PMC8205335",
    ),
    Reference(
        key="charnock-1999",
        authors="Charnock D, Shepperd S, Needham G, Gann R",
        title="DISCERN: an instrument for judging the quality of written consumer health information on treatment "
        "choices",
        journal="J Epidemiol Community Health",
        year=1999,
        place="53(2):105-111",
        doi="10.1136/jech.53.2.105",
        unverified=("doi",),
    ),
    Reference(
        key="silberg-1997",
        authors="Silberg WM, Lundberg GD, Musacchio RA",
        title="Assessing, controlling, and assuring the quality of medical information on the Internet: caveant "
        "lector et viewor",
        journal="JAMA",
        year=1997,
        place="277(15):1244-1245",
        doi="10.1001/jama.277.15.1244",
        unverified=("doi",),
    ),
    Reference(
        key="shoemaker-2013",
        authors="Shoemaker SJ, Wolf MS, Brach C",
        title="The Patient Education Materials Assessment Tool (PEMAT) and user's guide, version 1.0",
        journal="Agency for Healthcare Research and Quality",
        year=2013,
        place="AHRQ Pub. 14-0002-EF, November; updated August 2014",
        unverified=("url",),
    ),
)

BIBLIOGRAPHY = {reference.key: reference for reference in _REFERENCES}


def unverified_references() -> list[Reference]:
    return [reference for reference in _REFERENCES if not reference.verified]
