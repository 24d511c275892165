"""The merchant's back end of Taobao: sign-in, list, detail page, and the forms and dialogs behind its buttons."""
