"""French words of the demo company."""

from localorg.company.words.language import Language, lines, sentences, titles, words

FRENCH = Language(
    code="fr",
    locale="fr",
    women=words(
        """Adèle Agathe Agnès Amélie Anaïs Anne-Sophie Aurélie Béatrice Bénédicte Brigitte Camille Capucine
        Cécile Céleste Chantal Charlène Chloé Claudine Clémence Colette Corinne Delphine Édith Élise Élodie
        Émilie Estelle Eugénie Fabienne Florence Françoise Gaëlle Geneviève Ghislaine Héloïse Hélène Inès
        Isabelle Jacqueline Joëlle Joséphine Juliette Laëtitia Léa Léonie Lucie Madeleine Maëlle Margaux
        Marie-Claire Mathilde Mélanie Monique Nathalie Noémie Océane Odile Pauline Sandrine Séverine Solène
        Sylvie Thérèse Valérie Véronique Zoé"""
    ),
    men=words(
        """Adrien Alain Alexis André Antoine Armand Arnaud Aurélien Baptiste Barthélemy Benoît Bertrand
        Cédric Charles-Henri Christophe Clément Damien Denis Didier Édouard Émile Étienne Fabrice Félix Florent
        François Frédéric Gaël Gaspard Gaëtan Gérard Gilles Grégoire Guillaume Hervé Hubert Jean Jean-Baptiste
        Jean-Luc Jean-Marc Jérémie Jérôme Joël Julien Laurent Léo Loïc Luc Marcel Mathieu Maxime Michel Mickaël
        Nicolas Noël Olivier Pascal Philippe Pierre-Yves Quentin Raphaël Rémi René Romain Sébastien Stéphane
        Théo Thibault Thierry Tristan Valentin Vincent Xavier Yannick Yves"""
    ),
    families=words(
        """Abelard Ancelin Aubrac Baillargeon Barbier Beaufort Beaulieu Bélanger Bellerose Bertholet Besson
        Blanchet Bonnefoy Bosquet Boulanger Bréville Brossard Carpentier Chabrol Champagne Charbonneau
        Chastain Chauvin Clavel Coutard Crépin Dauphin Delacour Delannoy Delorme Deschamps Desjardins Dubreuil
        Duchêne Dufresne Durand Duval Évrard Faucher Ferrand Fontanel Forestier Fournier Gaillard Garnier
        Gauthier Giraudet Grandjean Guérin Guilbert Hébrard Hérault Jacquemin Jolivet Labbé Lachance Lacroix
        Lafleur Lambertin Langlois Laroche Lebrun Leclercq Lécuyer Lefèvre Legrand Lemaître Léveillé Loiseau
        Maréchal Marchand Mercier Mérieux Montclair Moreau Noailles Pasquier Pélissier Perrault Pinel Poirier
        Quesnel Renaudin Rivière Rochefort Rousselot Saint-Hilaire Sauvage Séguin Tessier Thévenet Vaillant
        Verdier Villeneuve D'Arcy D’Aubigny L'Hermite de_La_Tour Le_Goff"""
    ),
    family_first=False,
    heads=words(
        """Auber Beau Bel Bois Brévi Cham Chante Clair Cour Dor Fon Gran Haute Lan Mar Méri Mont Nor Pont Rive
        Roche Sau Sé Thé Val Vau Ver Vieux Ville"""
    ),
    tails=words(
        """bert blanc bois bourg brune court dieu dray font fort gny grand lac lard lieu lys mont nac nay nelle
        noir pierre rac roche rond sol tier val vert vigne ville"""
    ),
    trades=words(
        """Ateliers Aciéries Aéronautique Biscuiterie Brasserie Cartonnages Chaudronnerie Chimie Composants
        Conserverie Cosmétiques Distribution Électricité Emballages Énergie Équipements Établissements Fonderie
        Forges Fromagerie Hydraulique Imprimerie Industries Instruments Laboratoires Laiterie Logistique
        Machines Mécanique Métallurgie Moulins Outillage Papeterie Plasturgie Pneumatiques Robotique Sucrerie
        Systèmes Textiles Tuyauterie Verrerie Vannes"""
    ),
    patterns=("{trade} {stem} {form}", "{stem} {trade} {form}", "{trade} de {stem} {form}"),
    titles=titles(
        """Directeur général / Directrice générale | Direction
        Directeur d'usine / Directrice d'usine | Production
        Directeur des opérations / Directrice des opérations | Production
        Responsable automatisme | Bureau d'études
        Responsable maintenance | Maintenance
        Automaticien / Automaticienne | Bureau d'études
        Ingénieur méthodes / Ingénieure méthodes | Méthodes
        Responsable achats | Achats
        Acheteur / Acheteuse | Achats
        Responsable qualité | Qualité
        Directeur informatique / Directrice informatique | Informatique
        Directeur financier / Directrice financière | Finances
        Chef de projet / Cheffe de projet | Bureau d'études
        Chargé de sécurité / Chargée de sécurité | Sécurité"""
    ),
    problems=sentences(
        """{product} : arrêt avec le code {code} | Notre {product} s'arrête avec le code {code} toutes les deux \
heures depuis la dernière mise à jour. Un redémarrage suffit, mais nous perdons des pièces.
        Surchauffe à pleine charge | Le variateur dépasse 90 °C après une heure à pleine charge. Les filtres \
ont été changés. Il s'agit de la {product} à {city}.
        Perte de connexion après mise à jour | Depuis la mise à jour, la {product} ne répond plus sur le réseau \
du site de {city}. Merci de nous rappeler dès que possible.
        Demande de pièces détachées | Merci de chiffrer deux modules pour la {product}, référence {code}, \
livraison à {city}.
        Certificat d'étalonnage manquant | Le certificat d'étalonnage de la {product} n'était pas dans le colis. \
Numéro de série {code}. Notre auditeur l'exige cette semaine.
        Bruit anormal au réducteur | Un bruit de frottement vient du deuxième axe de la {product} depuis le \
changement de courroie. Un technicien peut-il passer à {city} ?
        Clé de licence refusée | La clé de la {product} est refusée avec le message {code}. Le serveur n'a pas \
d'accès à Internet.
        Formation des opérateurs | Nous avons six nouveaux opérateurs à {city} et souhaitons une formation de \
deux jours sur la {product}."""
    ),
    comments=lines(
        """Client rappelé, en attente des journaux.
        Module de remplacement expédié en express.
        Reproduit au laboratoire, transmis au développement.
        Le client confirme que la solution provisoire tient.
        Session à distance effectuée, le paramètre 214 était erroné.
        Sans réponse depuis une semaine, relance envoyée."""
    ),
    tasks=lines(
        """Rappeler au sujet du devis
        Envoyer l'offre révisée
        Relancer après la démonstration
        Vérifier les délais de livraison
        Demander la commande signée
        Envoyer les références
        Préparer le renouvellement"""
    ),
    meetings=lines(
        """Visite sur site
        Atelier technique
        Démonstration du produit
        Revue trimestrielle
        Négociation du contrat"""
    ),
    notes=lines(
        """Budget validé, décision attendue après le comité de direction.
        Le directeur d'usine nous préfère, les achats veulent une deuxième offre.
        Deux lignes concurrentes en place, le client veut standardiser.
        Le démarrage de la halle de {city} dépend de ce projet.
        Demande une garantie plus longue et un stock local.
        Prochaine étape : essai avec leurs propres pièces."""
    ),
)
