#include "planner/review/diff_causes.h"

#include <fmt/format.h>

#include <functional>
#include <optional>
#include <utility>

#include "planner/review/check.h"
#include "planner/review/hardware_keys.h"
#include "planner/schedule/price.h"

namespace galvatron {
namespace {

// One exchange and how it is done to a plan.
struct Step {
  Exchange exchange;
  std::function<void(Plan&)> apply;
};

bool counts_devices(const HardwareKey& key) {
  return key.path.front() == "nodes" || key.path.front() == "devices_per_node";
}

class Exchanges {
 public:
  Exchanges(const Plan& before, const Plan& after) : before_(before), after_(after) {}

  std::vector<Step> list() && {
    const Plan& after = after_;
    add("model", before_.model != after.model, [&](Plan& plan) { plan.model = after.model; });
    add("job", before_.job != after.job, [&](Plan& plan) { plan.job = after.job; });
    const std::vector<HardwareKey> keys =
        different_keys(before_.inputs->hardware, after.inputs->hardware);
    for (const HardwareKey& key : keys) {
      if (!counts_devices(key)) add(key);
    }
    add("runtime", before_.inputs->runtime != after.inputs->runtime,
        [&](Plan& plan) { plan.inputs->runtime = after.inputs->runtime; });
    add("model profile", before_.inputs->profile != after.inputs->profile,
        [&](Plan& plan) { plan.inputs->profile = after.inputs->profile; });
    for (const HardwareKey& key : keys) {
      if (counts_devices(key)) add(key);
    }
    add_decisions();
    return std::move(steps_);
  }

 private:
  void add_decisions() {
    const Plan& after = after_;
    add("micro-batches",
        before_.micro_batches != after.micro_batches || before_.schedule != after.schedule,
        [&](Plan& plan) {
          plan.micro_batches = after.micro_batches;
          plan.schedule = after.schedule;
        });
    add("stages", before_.stages != after.stages || before_.devices != after.devices,
        [&](Plan& plan) {
          plan.stages = after.stages;
          plan.devices = after.devices;
        });
    add("strategies", before_.strategies != after.strategies,
        [&](Plan& plan) { plan.strategies = after.strategies; });
  }

  void add(const HardwareKey& key) {
    const Hardware& other = after_.inputs->hardware;
    steps_.push_back(
        {{"hardware " + dotted(key), key.before, key.after}, [&other, key](Plan& plan) {
           plan.inputs->hardware = with_key_of(plan.inputs->hardware, key, other);
         }});
  }

  void add(const char* what, bool differs, std::function<void(Plan&)> apply) {
    if (differs) steps_.push_back({{.what = what, .before = {}, .after = {}}, std::move(apply)});
  }

  const Plan& before_;
  const Plan& after_;
  std::vector<Step> steps_;
};

std::optional<Seconds> step_of(const Plan& plan) {
  if (!check_priceable(plan).empty()) return std::nullopt;
  return price(plan, build_layer_graph(plan.model)).step;
}

// Exchanges one step after the other; those after which nothing can be priced wait.
class Exchanger {
 public:
  Exchanger(const Plan& before, Seconds step) : plan_(before), step_(step) {}

  void exchange(const Step& step) {
    waiting_.push_back(step);
    if (try_to_exchange(waiting_)) {
      waiting_.clear();
    } else if (waiting_.size() > 1 && try_to_exchange({step})) {
      waiting_.pop_back();
    }
  }

  std::vector<Cause> causes() && { return std::move(causes_); }

 private:
  bool try_to_exchange(const std::vector<Step>& steps) {
    Plan exchanged = plan_;
    Cause cause;
    for (const Step& step : steps) {
      step.apply(exchanged);
      cause.exchanged.push_back(step.exchange);
    }
    const std::optional<Seconds> priced = step_of(exchanged);
    if (!priced) return false;
    cause.change = *priced - step_;
    causes_.push_back(std::move(cause));
    plan_ = std::move(exchanged);
    step_ = *priced;
    return true;
  }

  Plan plan_;
  Seconds step_;
  std::vector<Step> waiting_;
  std::vector<Cause> causes_;
};

std::string problem_of(const Plan& plan) {
  const std::vector<Finding> findings = check_priceable(plan);
  return findings.empty() ? "" : findings.front().message;
}

}  // namespace

StepCauses causes_of_change(const Plan& before, const Plan& after) {
  for (const auto& [plan, name] : {std::pair(&before, "first"), std::pair(&after, "second")}) {
    const std::string problem = problem_of(*plan);
    if (problem.empty()) continue;
    return {.causes = {}, .unavailable = fmt::format("of the {} plan: {}", name, problem)};
  }
  StepCauses result{
      .before = *step_of(before), .after = *step_of(after), .causes = {}, .unavailable = {}};
  Exchanger exchanger(before, result.before);
  for (const Step& step : Exchanges(before, after).list()) exchanger.exchange(step);
  result.causes = std::move(exchanger).causes();
  return result;
}

}  // namespace galvatron
