"""Addresses of the pages. A plan or run is found by its number alone; lists belong to an integration."""

from django.urls import include, path
from django.urls.resolvers import URLPattern, URLResolver

from truecount.web import (
    account,
    connections,
    customer,
    customer_suggestions,
    customers,
    finding_acts,
    findings,
    history,
    integrations,
    items,
    manage,
    mapping,
    overview,
    plan,
    plans,
    policy,
    preferences,
    runs,
    sign_in,
    sync_settings,
    usage_sync,
    users,
)

of_integration: list[URLPattern] = [
    path("", overview.overview, name="overview"),
    path("usage-sync/", usage_sync.usage_sync, name="usage-sync"),
    path("usage-sync/configure/", usage_sync.usage_sync, name="usage-sync-configure"),
    path("usage-sync/switches/", usage_sync.save, name="usage-sync-save"),
    path("usage-sync/map/", mapping.mapping, name="product-mapping"),
    path("usage-sync/unmap/", mapping.unmapping, name="product-unmapping"),
    path("usage-sync/add/", items.add, name="item-add"),
    path("customers/", customers.customers, name="customers"),
    path("customers/usage-sync/", customers.usage_sync, name="customers-usage-sync"),
    path("customers/refresh/", customers.refreshing, name="customers-refresh"),
    path("customers/suggestions/", customer_suggestions.suggestions, name="customer-suggestions"),
    path("customers/suggestions/accept/", customer_suggestions.accepting, name="customer-suggestions-accept"),
    path("customers/save/<path:vendor_id>/", customer.customer_kept, name="customer-save"),
    path("customers/<path:vendor_id>/", customer.customer, name="customer"),
    path("plans/", plans.plans, name="plans"),
    path("runs/", plans.runs, name="runs"),
    path("sync/", runs.sync, name="sync"),
    path("findings/", findings.findings, name="findings"),
    path("findings/<int:pk>/act/", finding_acts.acting, name="finding-act"),
    path("history/", history.audit, name="history"),
    path("history/ledger/", history.ledger, name="ledger"),
    path("settings/", manage.manage_settings, name="manage-settings"),
    path("settings/usage-sync/", sync_settings.sync_settings, name="sync-settings"),
    path("settings/policy/", policy.policy, name="policy"),
    path("settings/connections/", connections.connections, name="connections"),
]
of_side: list[URLPattern] = [
    path("", connections.connection, name="connection"),
    path("check/", connections.check, name="connection-check"),
]
of_people: list[URLPattern] = [
    path("", users.users, name="users"),
    path("new/", users.new, name="user-new"),
    path("<int:pk>/", users.user, name="user"),
    path("<int:pk>/link/", users.link, name="user-link"),
    path("<int:pk>/password/", users.password, name="user-password"),
]
of_item: list[URLPattern] = [
    path("", items.details, name="item"),
    path("edit/", items.edit, name="item-edit"),
]
of_plan: list[URLPattern] = [
    path("", plan.plan, name="plan"),
    path("approval/", plan.approval, name="plan-approval"),
    path("application/", plan.application, name="plan-application"),
    path("customers/", plan.selection, name="plan-customers"),
    path("release/", plan.release, name="plan-release"),
]

urlpatterns: list[URLPattern | URLResolver] = [
    path("", overview.overview, name="overview"),
    path("sign-in/", sign_in.sign_in, name="sign-in"),
    path("sign-out/", sign_in.sign_out, name="sign-out"),
    path("language/", preferences.language_choice, name="language"),
    path("look/", preferences.look_choice, name="look"),
    path("account/", account.account, name="account"),
    path("password/<str:ident>/<str:token>/", account.password, name="password"),
    path("users/", include(of_people)),
    path("psa-integration/", integrations.psa_integration, name="psa-integration"),
    path("psa-integration/new/", integrations.new, name="integration-new"),
    path("integrations/<slug:slug>/", include(of_integration)),
    path("integrations/<slug:slug>/usage-sync/items/<int:item>/", include(of_item)),
    path("integrations/<slug:slug>/settings/connections/<slug:side>/", include(of_side)),
    path("plans/<int:pk>/", include(of_plan)),
    path("runs/<int:pk>/", runs.run, name="run"),
    path("runs/<int:pk>/progress/", runs.progress, name="run-progress"),
]
