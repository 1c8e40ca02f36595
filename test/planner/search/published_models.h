// The published profile, and small models made of its constants.
#pragma once

#include <string>
#include <vector>

#include "planner/search/published_search.h"

namespace galvatron {

const PublishedCosts& published_costs();
const PublishedModel& published_model(const std::string& name);

// The same layer types with other counts; types of count 0 are left out.
PublishedModel with_counts(const std::string& name, const std::vector<int>& counts);

// Every multiple of 8 up to `last`.
std::vector<std::int64_t> batches_up_to(std::int64_t last);

}  // namespace galvatron
