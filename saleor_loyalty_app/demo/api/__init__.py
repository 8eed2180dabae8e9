"""The demo shop's GraphQL API: a true part of Saleor's schema, answered from the shop's state."""
