"""The operations of `graphql/`: one file each, named after the operation, sent to the shop as they are written."""

from functools import cache
from typing import Any

from gql.graphql_request import GraphQLRequest
from graphql import parse

from saleor_loyalty_app.files import project_text

ORDER_FACTS = "OrderFacts"


@cache
def document_text(name: str) -> str:
    """The text of `graphql/<name>.graphql`, with the fragment it uses."""
    text = project_text(f"graphql/{name}.graphql")
    return f"{text}\n{project_text(f'graphql/{ORDER_FACTS}.graphql')}" if f"...{ORDER_FACTS}" in text else text


@cache
def subscription_text(event_name: str) -> str:
    """The text of `graphql/subscriptions/<event_name>.graphql`."""
    return project_text(f"graphql/subscriptions/{event_name}.graphql")


class NamedRequest(GraphQLRequest):
    """A request by operation name. Sends the file's own text: printing it again would double the cost of a call."""

    def __init__(self, name: str, variables: dict[str, Any]) -> None:
        super().__init__(_parsed(name), variable_values=variables, operation_name=name)
        self.name = name

    @property
    def payload(self) -> dict[str, Any]:
        return {
            "query": document_text(self.name),
            "variables": self.variable_values,
            "operationName": self.operation_name,
        }


@cache
def _parsed(name: str) -> GraphQLRequest:
    return GraphQLRequest(parse(document_text(name)))
