"""Data views and a dashboard for Kibana, made of the standard reports."""
