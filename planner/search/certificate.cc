#include "planner/search/certificate.h"

namespace galvatron {
namespace {

constexpr double kSecondsPerPicosecond = 1e-12;

// How far the search's time of a plan may be from its price: per micro-batch every layer and every
// change of layout has a forward and a backward pass, each rounded to a picosecond.
Seconds rounding_of(const Plan& plan) {
  const double times = 4.0 * static_cast<double>(plan.strategies.size() + 1);
  return Seconds{times * kSecondsPerPicosecond} * static_cast<double>(plan.micro_batches + 1);
}

}  // namespace

Certificate certificate_of(const Plan& plan, Seconds bound) {
  const Seconds priced = plan.predicted.closed_form;
  if (priced - bound <= rounding_of(plan)) return {.optimal = true, .lower_bound = priced};
  return {.lower_bound = bound, .gap = 1 - bound / priced};
}

}  // namespace galvatron
