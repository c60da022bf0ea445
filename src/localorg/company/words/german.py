"""German words of the demo company."""

from localorg.company.words.language import Language, lines, sentences, titles, words

GERMAN = Language(
    code="de",
    locale="de",
    women=words(
        """Andrea Angelika Anja Anke Annegret Antje Astrid Bärbel Beate Birgit Brigitte Christa Christiane
        Cornelia Dagmar Doris Elke Erika Eva Franziska Friederike Gabriele Gerda Gisela Greta Hanna Heike Helga
        Hildegard Ilse Ingrid Jana Johanna Jutta Karin Käthe Katharina Katja Kerstin Lena Lieselotte Lotte
        Margarete Marlene Martina Monika Nadine Nele Petra Renate Sabine Silke Sigrid Steffi Svenja Tanja Ulrike
        Ute Verena Wiebke Anna-Lena Eva-Maria Jördis"""
    ),
    men=words(
        """Achim Albrecht Alexander Andreas Arne Axel Bernd Björn Burkhard Carsten Christoph Clemens Detlef
        Dieter Dirk Eberhard Eckart Ernst Fabian Florian Frank Friedrich Georg Gerhard Götz Günter Hannes
        Hans-Peter Hartmut Heiko Heinz Helmut Henning Holger Ingo Jan Jens Joachim Jochen Jörg Jürgen Kai Karl
        Karl-Heinz Klaus Konrad Lars Lothar Lukas Lutz Manfred Markus Matthias Moritz Norbert Olaf Otto Rainer
        Reinhard Rolf Rüdiger Sönke Stefan Sven Thorsten Tobias Torben Udo Uwe Volker Werner Wolfgang Wolfram"""
    ),
    families=words(
        """Achterberg Ahlers Albrecht Aßmann Bachmeier Bäcker Baumgärtner Behrens Bertram Böhm Bönisch Brandt
        Breitner Brückner Büttner Dahlke Dietz Dörfler Ebeling Eggers Eichhorn Engelhardt Falkner Feldhaus
        Fiedler Fröhlich Gärtner Gebhardt Görlitz Grabowski Großmann Grünwald Haberland Häfner Hagedorn Hölzl
        Hübner Jäger Janßen Kästner Kellermann Kirchhoff Klöppel Köhler König Krämer Kröger Kühn Lindner Löffler
        Lüders Maier Mayer Meier Meyer Möller Müller Neuhaus Nörenberg Oberhauser Oßwald Petersen Pfäffle
        Plötner Quandt Rademacher Rößler Sauerwein Schäfer Schließer Schmidt Schmitt Schönfeld Schröder Schütte
        Seidel Stöcker Strauß Süßmann Thielemann Tiedemann Überall Vollmer Wäscher Weidner Weiß Wißmann
        Wölfle Zöllner Müller-Lüdenscheid von_Hohenfels Zu_Ahlbeck"""
    ),
    family_first=False,
    heads=words(
        """Ahr Bär Berg Brack Brom Dorn Eichen Elster Erl Falken Fichten Grün Hain Heiden Hoch Hohen Kalten
        Kiefern Krähen Lauter Linden Löwen Mühl Neuen Ober Rauten Röhr Rosen Schön Silber Stein Tannen Wald
        Weiden Wester Wolken"""
    ),
    tails=words(
        """au bach beck berg born brück bühl burg dorf eck feld fels furt grund hagen hain heim hof hütte kamp
        kirch leben loh moor rath ried roda stedt tal thal werder wiese"""
    ),
    trades=words(
        """Abfülltechnik Anlagenbau Antriebstechnik Apparatebau Aufzüge Automation Backwaren Brauerei Chemie
        Drehteile Druckguss Elektrotechnik Energietechnik Fördertechnik Getriebebau Gießerei Glaswerke
        Hydraulik Kältetechnik Kunststoffwerke Lackiertechnik Lebensmittel Logistik Maschinenbau Medizintechnik
        Messtechnik Metallbau Molkerei Papierfabrik Pharma Präzisionsteile Robotik Sägewerke Schweißtechnik
        Sensorik Stahlbau Textilwerke Umwelttechnik Verpackungen Wasserwerke Werkzeugbau Zerspanung"""
    ),
    patterns=("{stem} {trade} {form}", "{stem}er {trade} {form}", "{trade} {stem} {form}"),
    titles=titles(
        """Geschäftsführer / Geschäftsführerin | Geschäftsleitung
        Betriebsleiter / Betriebsleiterin | Produktion
        Werksleiter / Werksleiterin | Produktion
        Leiter Automatisierung / Leiterin Automatisierung | Technik
        Leiter Instandhaltung / Leiterin Instandhaltung | Instandhaltung
        SPS-Programmierer / SPS-Programmiererin | Technik
        Entwicklungsingenieur / Entwicklungsingenieurin | Entwicklung
        Einkaufsleiter / Einkaufsleiterin | Einkauf
        Strategischer Einkäufer / Strategische Einkäuferin | Einkauf
        Leiter Qualitätssicherung / Leiterin Qualitätssicherung | Qualität
        IT-Leiter / IT-Leiterin | IT
        Kaufmännischer Leiter / Kaufmännische Leiterin | Finanzen
        Projektleiter / Projektleiterin | Technik
        Sicherheitsfachkraft | Arbeitsschutz
        Fertigungsplaner / Fertigungsplanerin | Produktion"""
    ),
    problems=sentences(
        """{product} bleibt mit Fehler {code} stehen | Unsere {product} an Linie 2 bleibt seit der Umstellung \
mehrmals täglich mit Fehler {code} stehen. Nach dem Neustart läuft sie etwa zwei Stunden.
        Überhitzung bei Volllast | Der Antrieb wird bei Volllast über 90 °C heiß und regelt ab. Lüfter und \
Filter sind geprüft. Es geht um die {product} im Werk {city}.
        Keine Verbindung nach Firmware-Update | Nach dem Update ist die {product} im Netz nicht mehr \
erreichbar. Die Leuchtdiode am Anschluss blinkt grün. Bitte dringend um Rückruf.
        Ersatzteilanfrage | Bitte um ein Angebot für zwei Baugruppen zur {product}, Teilenummer {code}, \
Lieferung nach {city}.
        Kalibrierschein fehlt | Der Kalibrierschein zur gelieferten {product} lag nicht bei. Unser Prüfer \
verlangt ihn bis Ende der Woche. Seriennummer {code}.
        Geräusch am Getriebe | An der zweiten Achse der {product} hören wir seit dem Riemenwechsel ein \
Schleifen. Kann ein Techniker nach {city} kommen?
        Lizenzschlüssel wird abgelehnt | Der Schlüssel für die {product} wird mit der Meldung {code} \
abgelehnt. Der Server hat keinen Zugang zum Internet.
        Größere Stückzahl, kürzere Taktzeit | Wir möchten die Taktzeit der {product} um zehn Prozent \
verkürzen. Welche Parameter dürfen wir ändern, ohne die Gewährleistung zu verlieren?"""
    ),
    comments=lines(
        """Kunde zurückgerufen, Protokolle werden nachgereicht.
        Ersatzmodul per Express verschickt.
        Im Labor nachgestellt, an die Entwicklung übergeben.
        Kunde bestätigt, dass die Übergangslösung hält.
        Fernwartung durchgeführt, Parameter 214 war falsch gesetzt.
        Seit einer Woche keine Rückmeldung, Erinnerung gesendet."""
    ),
    tasks=lines(
        """Rückruf wegen Angebot
        Überarbeitetes Angebot senden
        Nachfassen nach der Vorführung
        Liefertermin mit der Logistik klären
        Unterschriebene Bestellung anfordern
        Referenzliste schicken
        Verlängerung vorbereiten"""
    ),
    meetings=lines(
        """Besuch vor Ort
        Technischer Workshop
        Produktvorführung
        Quartalsgespräch
        Vertragsverhandlung"""
    ),
    notes=lines(
        """Budget ist freigegeben, Entscheidung nach der Gesellschafterversammlung.
        Die Werksleitung möchte uns, der Einkauf verlangt ein Vergleichsangebot.
        Zwei Linien vom Mitbewerb, der Kunde möchte vereinheitlichen.
        Die neue Halle in {city} hängt an diesem Projekt.
        Wünscht längere Gewährleistung und Ersatzteile ab Lager.
        Nächster Schritt: Versuch mit eigenen Werkstücken."""
    ),
)
