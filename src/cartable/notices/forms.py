"""The form of a text."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from cartable.notices.rules import LONGEST_SMS, PLACEHOLDERS, NoticeKind, unfit_words
from cartable.notices.words import HOUSE_SMS

LONGEST_SUBJECT = 120
LONGEST_BODY = 4_000


class TextForm(forms.Form):
    """Subject and text of one kind in one language, over the version that was looked at."""

    subject = forms.CharField(label=gettext_lazy("Objet"), max_length=LONGEST_SUBJECT)
    body = forms.CharField(
        label=gettext_lazy("Texte"), max_length=LONGEST_BODY, widget=forms.Textarea(attrs={"rows": 12}), strip=False
    )
    sms = forms.CharField(
        label=gettext_lazy("SMS"),
        help_text=gettext_lazy("La forme courte, pour qui n’a pas d’adresse. Vide : celle de la maison."),
        max_length=LONGEST_SMS,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    expected_version = forms.IntegerField(min_value=0, widget=forms.HiddenInput)

    def __init__(self, *args: Any, kind: NoticeKind, language: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kind, self.language = kind, language
        if kind not in HOUSE_SMS:
            del self.fields["sms"]

    def clean_subject(self) -> str:
        """Refuse a word that nobody fills in."""
        return self._fit(" ".join(self.cleaned_data["subject"].split()))

    def clean_body(self) -> str:
        """Refuse a word that nobody fills in, and a text of spaces; lines end as everywhere."""
        body: str = self.cleaned_data["body"].replace("\r\n", "\n")
        if not body.strip():
            raise forms.ValidationError(_("Écrivez le texte, ou revenez à celui de la maison."))
        return self._fit(body)

    def clean_sms(self) -> str:
        """Refuse a word that nobody fills in; the house's own form is kept as none, to follow it."""
        text = self._fit(" ".join(self.cleaned_data["sms"].split()))
        return "" if text == HOUSE_SMS[self.kind][self.language] else text

    def _fit(self, text: str) -> str:
        if not (unfit := unfit_words(self.kind, text)):
            return text
        known = ", ".join(f"${{{word}}}" for word in sorted(PLACEHOLDERS[self.kind]))
        if unfit == ["$"]:
            raise forms.ValidationError(_("Un signe $ est seul. Écrivez $$ pour un dollar, ou un mot : %s.") % known)
        words = ", ".join(word for word in unfit if word != "$")
        said = _("Personne ne remplit %(words)s dans ce message. Mots possibles : %(known)s.")
        raise forms.ValidationError(said % {"words": words, "known": known})
