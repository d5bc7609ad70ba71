"""The form renderer: every field of the product has the same accessible markup."""

from django.forms.renderers import TemplatesSetting


class FundFormRenderer(TemplatesSetting):
    """Renders forms and fields from `templates/forms`."""

    form_template_name = "forms/form.html"
    field_template_name = "forms/field.html"
