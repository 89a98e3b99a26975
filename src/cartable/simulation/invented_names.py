"""Names common among the young of Grand Est, by the origin of the name; all can be written in ISO-8859-15."""

from __future__ import annotations

from itertools import accumulate
from typing import NamedTuple


class Origins(NamedTuple):
    """Names of the origins and their cumulated weights, as random.choices wants them."""

    names: tuple[str, ...]
    cumulated: tuple[int, ...]


_WEIGHTS = {
    "french": 46,
    "alsatian": 17,
    "maghrebi": 13,
    "turkish": 7,
    "portuguese": 5,
    "italian": 5,
    "polish": 4,
    "african": 2,
    "asian": 1,
}
ORIGINS = Origins(tuple(_WEIGHTS), tuple(accumulate(_WEIGHTS.values())))

_FAMILY = {
    "french": """Marchand Lefèvre Aubry Gérard Mangin Noël Thiébaut Colin Humbert Collignon Remy Antoine Didier Claudel
        Mathieu Henry Vautrin Perrin Laurent Lambert Grosjean Parmentier Cuny Houot Valentin Georgel Pierrat Jacquot
        Villemin Étienne Barthélemy François Françoise Lebœuf Lecœur Delcœur d'Hennezel d'Arbois L'Huillier
        L'Hôte Du-Bois Le-Goff Saint-Dizier Maçon Besançon Garçon Poinçot Créqui Bégin Drouët Bénard
        Hervé Régnier Châtelain Prévôt Hôte Côme Benoît Maître Hubert Petitjean Demangel Poirot Gaspard Didierjean
        Vuillemin Chrétien Gillet Jeandel Bastien Toussaint Mougeot Roussel Bourgeois Renaud Fournier Blaise Chevalier
        Perrot Robinet Lallement Baudouin Lamoureux Godard Brisset Charpentier Harmand Leclerc Dautel Ménard""",
    "alsatian": """Müller Schmitt Meyer Klein Muller Weber Schneider Schwartz Fischer Kieffer Zimmermann Ehrhart Keller
        Wagner Jung Hoffmann Heitz Roth Koehler Schaeffer Ott Wolff Lutz Haas Kuntz Stoltz Wendling Burger Baumann
        Sprauel Hirtz Ruhlmann Obrecht Ostertag Riegert Sutter Dietrich Fuchs Gangloff Hügel Jaeger Kœnig Lœwert
        Ritzenthaler Schlumberger Strub Trimbach Untereiner Vœgtlin Würtz Zeller Brœnner Bœhm Hertzog Grœll Schœn
        Schmidt-Lang Meyer-Roth Übel Geissler Kauffmann Lehmann Matter Nussbaum Pfister Rieb Scherrer Steinmetz""",
    "maghrebi": """Benali Haddad Bouzid Cherif Mansouri Belkacem Amrani Ziani Slimani Bensaïd Bouaziz Ouali Djebbar
        El-Amrani El-Idrissi El-Fassi Ben-Salah Ben-Youssef Aït-Ahmed Aït-Ouali Benhaddou Khelifi Mebarki Rahmani
        Saïdi Tahiri Zerrouki Boukhari Chaoui Daoudi Ferhat Guerroudj Hamidou Kaddour Lahlou Mokhtari Naïm Otmani""",
    "turkish": """Yilmaz Kaya Demir Çelik Sahin Yildiz Öztürk Aydin Özdemir Arslan Dogan Kiliç Aslan Çetin Kara Koç Kurt
        Özkan Simsek Polat Korkmaz Çakir Erdogan Yavuz Can Acar Günes Türkmen Özer Bulut Keskin Ünal Turan Gül""",
    "portuguese": """Da-Silva Dos-Santos Ferreira Pereira Oliveira Rodrigues Martins Fernandes Gonçalves Gomes Lopes
        Marques Alves Almeida Ribeiro Pinto Carvalho Teixeira Moreira Correia Mendes Nunes Soares Vieira Monteiro
        Conceição Assunção Simões Magalhães Araújo Brandão Leitão Falcão""",
    "italian": """Rossi Russo Ferrari Esposito Bianchi Romano Colombo Ricci Marino Greco Bruno Gallo Conti De-Luca
        D'Angelo D'Amico D'Alessandro Dell'Anna Giordano Mancini Lombardi Moretti Barbieri Fontana Santoro Mariani
        Rinaldi Caruso Ferrara Gatti Pellegrini Palumbo Sanna Farina Vitale Nicolò""",
    "polish": """Nowak Kowalski Wisniewski Wojcik Kowalczyk Kaminski Lewandowski Zielinski Szymanski Wozniak Dabrowski
        Kozlowski Jankowski Mazur Wojciechowski Kwiatkowski Krawczyk Kaczmarek Piotrowski Grabowski Pawlak Michalski
        Nowicki Adamczyk Dudek Zajac Wieczorek Jablonski Krol Majewski""",
    "african": """Diallo Traoré Coulibaly Koné N'Diaye Camara Touré Keïta Cissé Sow Ba Barry Konaté Sissoko Mbemba
        N'Guessan Kouassi Mendy Sané Diop Gueye M'Baye Ilunga Mukendi""",
    "asian": "Nguyen Tran Pham Huynh Phan Vu Dang Bui Ngo Duong Li Wang Zhang Chen Liu Xiong Vang Singh Sharma Thao",
}
_BOYS = {
    "french": """Léo Gabriel Raphaël Louis Lucas Jules Adam Hugo Arthur Nathan Liam Éthan Paul Tom Sacha Noé Gabin
        Nolan Timéo Mathis Aaron Axel Victor Antoine Théo Clément Baptiste Rémi Loïc Joël Anaël Gaël Maël Côme François
        Jean-Baptiste Pierre-Louis Jean-Luc Paul-Émile Étienne Noël Benoît Cédric Jérémy Quentin Valentin Maxime
        Alexandre Enzo Mattéo Thibault Célestin Médéric Aurélien Félix Martin Simon Robin Léandre Tristan Évan""",
    "alsatian": "Matthieu Frédéric Lucas Jérôme Yannick Léonard Théophile Florian Emilien Mathéo Arnaud Gauthier Loïck",
    "maghrebi": """Mohamed Yassine Rayan Ilyès Amine Ismaël Bilal Mehdi Sofiane Anis Nassim Walid Karim Younès Naïm
        Abdel-Karim Mohammed-Amine Zakaria Idriss Imrân Khaled Riad""",
    "turkish": "Emre Yusuf Mert Ömer Kerem Eren Can Hakan Burak Enes Furkan Gökhan Tuncay Kaan Selim Umut Deniz Gürkan",
    "portuguese": "Tiago João Diogo Rúben Rafael Gonçalo Miguel Nuno Luís André Hélder Márcio Simão Sérgio Dinis",
    "italian": "Lorenzo Matteo Alessio Luca Gianni Marco Dario Enzo Fabio Giovanni Nicolò Andrea Leonardo Tommaso",
    "polish": "Jakub Mateusz Kacper Szymon Filip Wojciech Tomasz Bartosz Lukasz Pawel Dawid Oskar Igor Stanislas",
    "african": "Moussa Ibrahima Ousmane Cheikh Mamadou Souleymane Abdoulaye Kévin Prince Dieudonné Boubacar Seydou",
    "asian": "Minh Duc Kim-Anh Huy Tuan Jun Wei Hao Khoa Arjun Long An Bao Phong",
}
_GIRLS = {
    "french": """Emma Jade Louise Alice Chloé Léa Lina Mila Manon Inès Camille Zoé Anaïs Lola Sarah Juliette Léna Éva
        Lou Margaux Romane Clémence Noémie Océane Maëlys Maëlle Élise Élodie Hélène Agnès Anne-Sophie Marie-Lou
        Lou-Anne Marie-Ange Apolline Capucine Garance Cléo Aurélie Mélanie Stéphanie Célia Émilie Amélie
        Pauline Mathilde Justine Lucie Lucile Salomé Eléonore Faustine Héloïse Ambre Françoise Maïwenn Joséphine""",
    "alsatian": "Océane Élisa Mélissa Valérie Estelle Céline Laetitia Pauline Cassandre Noémie Odile Ottilie Liliane",
    "maghrebi": """Yasmine Inès Nour Lina Sofia Aïcha Fatima-Zahra Maïssa Naïma Khadija Meriem Soraya Imane Hanaé Leïla
        Zaïna Assia Chaïma Nawel Rania Samira Fatiha""",
    "turkish": "Elif Zeynep Ayse Melis Ceren Esra Gülsüm Büsra Irem Nisanur Özlem Tugçe Seda Sümeyye Ebru Ilayda",
    "portuguese": "Inês Beatriz Mariana Lara Conceição Joana Sofia Leonor Margarida Patrícia Mónica Cátia Íris",
    "italian": "Chiara Giulia Alessia Sofia Martina Aurora Bianca Francesca Elisa Ilaria Serena Giorgia Niccolina",
    "polish": "Zuzanna Maja Zofia Hanna Oliwia Wiktoria Julia Agnieszka Katarzyna Malgorzata Magda Ewelina Natalia",
    "african": "Aminata Fatou Mariama Awa Aïssatou Grâce Divine Khady Binta Oumou Ramatoulaye Merveille Adjoa",
    "asian": "Linh Mai Thi-Lan Ngoc Trang Mei Xin Priya Hoa Yen Thuy Anh My Kim",
}

# A hyphen in a family name of the lists stands for the space of a particle: « Da Silva », « Le Goff », « Ben Salah ».
_PARTICLES = ("Da-", "Dos-", "De-", "Le-", "Du-", "El-", "Ben-")


def _family(name: str) -> str:
    return name.replace("-", " ", 1) if name.startswith(_PARTICLES) else name


FAMILY_NAMES: dict[str, tuple[str, ...]] = {
    origin: tuple(_family(name) for name in names.split()) for origin, names in _FAMILY.items()
}
GIVEN_NAMES: dict[str, dict[int, tuple[str, ...]]] = {
    origin: {1: tuple(_BOYS[origin].split()), 2: tuple(_GIRLS[origin].split())} for origin in _FAMILY
}

# Given names of twins whom a tired volunteer confuses at five to six.
CLOSE_GIVEN_NAMES: tuple[tuple[str, str], ...] = (
    ("Lucie", "Lucile"),
    ("Léa", "Léna"),
    ("Nathan", "Nathanaël"),
    ("Maël", "Maëlle"),
    ("Lina", "Nina"),
    ("Théo", "Théodore"),
)
