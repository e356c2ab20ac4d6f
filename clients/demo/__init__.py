"""The demonstration: two servers, two apps and a start page, with invented people, through public interfaces only."""
