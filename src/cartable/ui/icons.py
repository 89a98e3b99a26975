# ruff: noqa: E501 - a path is one line
"""Our own icons: one 24 × 24 drawing each, in lines of the current colour, named in French like the components.

The drawings are constants written here, never user data: they may be marked safe.
"""

ICONS: dict[str, str] = {
    "cartable": (
        '<path fill="currentColor" stroke="none" d="M8.5 6V5a2.5 2.5 0 0 1 2.5-2.5h2A2.5 2.5 0 0 1 15.5 5v1H18a4 4 0 0 1 '
        "4 4v8.5a2.5 2.5 0 0 1-2.5 2.5h-15A2.5 2.5 0 0 1 2 18.5V10a4 4 0 0 1 4-4zm2 0h3V5.2a.7.7 0 0 0-.7-.7h-1.6a.7.7 0 0"
        ' 0-.7.7z"/><path stroke="none" class="icone__creux" d="M8.6 10.5h6.8c.9 0 1.6.7 1.6 1.6v3.8c0 .9-.7 1.6-1.6 1.6H8.6c-.9 '
        '0-1.6-.7-1.6-1.6v-3.8c0-.9.7-1.6 1.6-1.6z"/><path stroke-width="1.8" d="m9.8 14 1.6 1.6 2.9-3"/>'
    ),
    "annuler": '<path d="M8.5 5 4 9.5 8.5 14"/><path d="M4 9.5h10.5a5.5 5.5 0 0 1 0 11H12"/>',
    "appel": '<path d="M6.5 3.5h3l1.5 4-2 1.5a11 11 0 0 0 6 6l1.5-2 4 1.5v3a2 2 0 0 1-2.2 2A17 17 0 0 1 4.5 5.7a2 2 0 0 1 2-2.2z"/>',
    "attention": '<path d="M12 3.5 21.5 20h-19z"/><path d="M12 10v4.5"/><path d="M12 17.4v.1"/>',
    "boite": '<path d="m12 2.8 8.5 4.7v9L12 21.2l-8.5-4.7v-9z"/><path d="m3.8 7.7 8.2 4.5 8.2-4.5M12 12.2V21"/>',
    "bouclier": '<path d="M12 2.8 20 6v5.5c0 4.8-3.3 8.2-8 9.7-4.7-1.5-8-4.9-8-9.7V6z"/><path d="M12 8.2v4.3M12 15.8v.1"/>',
    "calendrier": '<rect x="3.5" y="5" width="17" height="15.5" rx="2.5"/><path d="M3.5 10h17M8 2.8V7M16 2.8V7"/>',
    "camera": '<path d="M3 7.5h4l2-3h6l2 3h4v12H3z"/><circle cx="12" cy="13" r="3.8"/>',
    "camion": (
        '<path d="M2.5 5.5h11v11h-11zM13.5 9.5h4l4 3.8v3.2h-8"/><circle cx="7" cy="17.5" r="2"/>'
        '<circle cx="17" cy="17.5" r="2"/>'
    ),
    "charte": '<path d="M6 2.8h8.5L19 7.3v13.9H6z"/><path d="M14 3v5h5M9 12.5h7M9 9h2M9 17.3c1-1.3 1.8-1.3 2.3 0s1.3 1.3 2.2 0 1.5-1 2.5 0"/>',
    "chevron": '<path d="m9 5 7 7-7 7"/>',
    "cle": '<path d="M20.5 7.2 17 10.7 13.3 7l3.5-3.5a5.5 5.5 0 0 0-7 7L3.5 16.8a2.6 2.6 0 0 0 3.7 3.7l6.3-6.3a5.5 5.5 0 0 0 7-7z"/>',
    "coche": '<circle cx="12" cy="12" r="9.3"/><path d="m7.8 12.3 2.9 2.9 5.6-6.2"/>',
    "croix": '<path d="M8 2.7h8L21.3 8v8L16 21.3H8L2.7 16V8z"/><path d="m9 9 6 6M15 9l-6 6"/>',
    "deconnexion": '<path d="M14 4H5.5A1.5 1.5 0 0 0 4 5.5v13A1.5 1.5 0 0 0 5.5 20H14M10 12h11M17 8l4 4-4 4"/>',
    "douchette": '<path d="M4 4h13l3 2.5L17 9H10l-1.3 3M4 4v4.8h3L5.5 20.5h5L12 12h3V9"/><path d="M22 5.2v2.6" />',
    "ecole": '<path d="M12 3 2.5 8.5h19zM5 8.5V20h14V8.5M2.5 20.2h19"/><path d="M10 20v-5h4v5M9 11.5h.1M15 11.5h.1"/>',
    "etiquette": (
        '<rect x="2.5" y="4.5" width="19" height="15" rx="2"/><path d="M5.8 8.3v6M8.8 8.3v6M10.5 8.3v6M15.8 8.3v6M18.3 8.3v6'
        'M5.8 16.7h9.5M17.7 16.7h.6"/><path stroke="none" fill="currentColor" d="M12.2 8h2v6.6h-2z"/>'
    ),
    "fermer": '<path d="m5.5 5.5 13 13M18.5 5.5l-13 13"/>',
    "fichier": '<path d="M6 2.8h8.5L19 7.3v13.9H6z"/><path d="M14 3v5h5"/>',
    "filtre": '<path d="M3.5 5h17L14 12.8v6.7l-4-2v-4.7z"/>',
    "fleche": '<path d="M3.5 12h17M14 5.5l6.5 6.5-6.5 6.5"/>',
    "fleche_gauche": '<path d="M20.5 12h-17M10 5.5 3.5 12l6.5 6.5"/>',
    "horloge": '<circle cx="12" cy="12" r="9.3"/><path d="M12 6.5V12l3.8 2.3"/>',
    "imprimer": '<path d="M7 8.5v-6h10v6M7 17H3.5V8.5h17V17H17"/><path d="M7 14h10v7.5H7z"/>',
    "info": '<circle cx="12" cy="12" r="9.3"/><path d="M12 11v6M12 7.3v.1"/>',
    "liste": '<path d="M8.5 6h12M8.5 12h12M8.5 18h12M4 6h.1M4 12h.1M4 18h.1"/>',
    "modifier": '<path d="m4 20 1-4.5L16 4.5a2 2 0 0 1 3 0l.5.5a2 2 0 0 1 0 3L8.5 19z"/><path d="m14.5 6.5 3 3"/>',
    "mouvement": '<path d="M4 8h15M15 4l4 4-4 4M20 16H5M9 12l-4 4 4 4"/>',
    "pc": '<rect x="4.5" y="4" width="15" height="11.5" rx="1.8"/><path d="M4.5 15.5h15l2.3 4.5H2.2z"/>',
    "personne": '<circle cx="12" cy="8" r="4.3"/><path d="M3.8 20.7c.8-4.3 4-6.5 8.2-6.5s7.4 2.2 8.2 6.5"/>',
    "personnes": (
        '<circle cx="9" cy="8.5" r="3.7"/><path d="M2.2 20c.6-3.8 3.2-5.8 6.8-5.8s6.2 2 6.8 5.8M15.5 5a3.7 3.7 0 0 1 0 7'
        'M17.5 14.5c2.4.5 3.9 2.4 4.3 5.5"/>'
    ),
    "plus": '<path d="M12 4.5v15M4.5 12h15"/>',
    "pochette": '<rect x="2.8" y="7.5" width="18.4" height="13" rx="2.5"/><path d="M8.5 7.5V5.3A1.8 1.8 0 0 1 10.3 3.5h3.4a1.8 1.8 0 0 1 1.8 1.8v2.2M2.8 13.5h18.4"/>',
    "point": '<circle cx="12" cy="12" r="5" fill="currentColor" stroke="none"/>',
    "recherche": '<circle cx="10.5" cy="10.5" r="6.8"/><path d="m15.7 15.7 5.3 5.3"/>',
    "reglage": '<path d="M3.5 7h9M18.5 7h2M3.5 17h2M11.5 17h9"/><circle cx="15.5" cy="7" r="3"/><circle cx="8.5" cy="17" r="3"/>',
    "reserve": '<path d="M3 9.5 12 4l9 5.5V20H3z"/><path d="M7.5 20v-7h9v7M7.5 16.5h9"/>',
    "rouvrir": '<path d="M4 12a8 8 0 1 1 2.5 5.8"/><path d="M4 19.5v-5h5"/>',
    "son": '<path d="M4 9.5h3.5L12 5.5v13l-4.5-4H4z"/><path d="M15.5 9a4.3 4.3 0 0 1 0 6M18.5 6.5a8 8 0 0 1 0 11"/>',
    "son_coupe": '<path d="M4 9.5h3.5L12 5.5v13l-4.5-4H4z"/><path d="m16 9.5 5 5M21 9.5l-5 5"/>',
    "telecharger": '<path d="M12 3.5v12M7 11l5 5 5-5M4 20.5h16"/>',
    "televerser": '<path d="M12 16V4M7 8.5l5-5 5 5M4 20.5h16"/>',
    "verrou": '<rect x="4.5" y="10.5" width="15" height="10.5" rx="2"/><path d="M8 10.5V7.3a4 4 0 0 1 8 0v3.2M12 14.5v2.5"/>',
}
