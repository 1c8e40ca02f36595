// What the published search leaves on the table: a wider space under the same costs.
#pragma once

#include <functional>

#include "planner/search/published_search.h"

namespace galvatron {

// The plan of most samples per second where boundaries are free, embedding and head count on the
// first stage only and every batch up to the largest asked for is tried. A plan of search_published
// is one of these, so that none better than `published` means that it is the best here too.
struct WiderControl {
  const PublishedPlan& published;
  std::function<bool()> interrupted{};  // polled; empty: never
};
struct WiderOutcome {
  PublishedPlan best;
  bool finished = true;  // false: interrupted, the best so far
};
WiderOutcome search_wider(const PublishedRequest& request, const WiderControl& control);

}  // namespace galvatron
