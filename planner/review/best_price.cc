#include "planner/review/best_price.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <string>

#include "planner/search/dual_bound.h"

namespace galvatron {
namespace {

search::Purpose purpose_of(StageRole role) {
  switch (role) {
    case StageRole::later:
      return search::Purpose::least_time;
    case StageRole::first:
      return search::Purpose::first_stage;
    case StageRole::only:
      return search::Purpose::whole_model;
  }
  return search::Purpose::least_time;
}

search::Interval interval_of(const std::vector<int>& types) {
  search::Interval interval{.runs = {}, .length = static_cast<int>(types.size())};
  for (const int type : types) {
    if (interval.runs.empty() || interval.runs.back().type != type) {
      interval.runs.push_back({.type = type, .count = 0});
    }
    ++interval.runs.back().count;
  }
  return interval;
}

// A plan file keeps six digits of a price. Adding zero leaves no -0.
double in_few_digits(double value) { return std::stod(fmt::format("{:.6g}", value)) + 0.0; }

bool is_capped(const PriceQuestion& question) {
  return question.role != StageRole::only && question.terms.high != search::kUnlimited;
}

}  // namespace

const search::StageModel& BestPrices::model(const PriceQuestion& question) {
  const bool capped = is_capped(question);
  for (const auto& known : models_) {
    if (known->shape == question.shape && known->role == question.role &&
        known->is_capped == capped) {
      return known->model;
    }
  }
  const search::StageQuestion asked{
      .shape = question.shape, .purpose = purpose_of(question.role), .capped = {capped, false}};
  models_.push_back(std::make_unique<Model>(Model{
      question.shape, question.role, capped, search::make_stage_model(problem_, asked, tolls_)}));
  return models_.back()->model;
}

std::optional<StagePrice> BestPrices::of(const PriceQuestion& question) {
  const search::StageModel& stage_model = model(question);
  const search::Interval interval = interval_of(question.types);
  search::Target target;
  if (is_capped(question)) target.caps[search::kOptimizer] = question.terms.high;
  if (question.role == StageRole::first) {
    target.offset[0] = (problem_.micro_batches - 1) * question.terms.slowest;
  }
  const std::function<bool()> never;
  search::Work work(never);
  const search::DualBound found =
      search::DualBounds(stage_model, interval, target)
          .of({.least = question.cap, .most = question.cap}, search::kUnlimited, work);
  if (found.value == search::kUnlimited) return std::nullopt;
  const search::Direction& direction = found.direction;
  return StagePrice{
      .memory = in_few_digits(direction.memory),
      .optimizer = is_capped(question) ? in_few_digits(direction.capped[search::kOptimizer]) : 0,
      .share = question.role == StageRole::first ? in_few_digits(direction.cost[1]) : 0};
}

}  // namespace galvatron
