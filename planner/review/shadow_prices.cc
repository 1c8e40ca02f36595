#include "planner/review/shadow_prices.h"

#include <algorithm>
#include <functional>
#include <optional>
#include <utility>

#include "planner/schedule/price.h"

namespace galvatron {
namespace {

void speed_up(Link& link) {
  for (std::optional<BytesPerSecond>* rate : {&link.rate_per_device, &link.rate_per_node}) {
    if (*rate) *rate = **rate * kFasterBy;
  }
  for (auto* table : {&link.bus, &link.strided_bus}) {
    for (auto& [ranks, rate] : *table) rate = rate * kFasterBy;
  }
}

void speed_up(ByPrecision<FlopsPerSecond>& peak) {
  for (std::optional<FlopsPerSecond>& rate : peak.values) {
    if (rate) rate = *rate * kFasterBy;
  }
}

using Speedup = std::pair<const char*, std::function<void(Hardware&)>>;

std::vector<Speedup> speedups(const Hardware& hardware) {
  std::vector<Speedup> all;
  if (hardware.devices_per_node > 1) {
    all.emplace_back("intra_node", [](Hardware& faster) { speed_up(faster.intra_node); });
  }
  if (hardware.nodes > 1) {
    all.emplace_back("inter_node", [](Hardware& faster) { speed_up(faster.inter_node); });
  }
  all.emplace_back("device.hbm_gb_per_s", [](Hardware& faster) {
    faster.device.memory_rate = faster.device.memory_rate * kFasterBy;
  });
  all.emplace_back("device.peak_tflops", [](Hardware& faster) { speed_up(faster.device.peak); });
  return all;
}

// Published constants are times, and the node's rings the only bandwidth among them.
std::vector<Speedup> published_speedups() {
  return {{"published.ring_ms_per_mib",
           [](Hardware& faster) {
             for (RingTime& ring : faster.published->ring_ms_per_mib) {
               ring.consecutive /= kFasterBy;
               if (ring.strided) *ring.strided /= kFasterBy;
             }
           }},
          {"published.models.layers.forward_ms", [](Hardware& faster) {
             for (PublishedModel& model : faster.published->models) {
               for (PublishedLayer& layer : model.layers) layer.forward_ms /= kFasterBy;
             }
           }}};
}

}  // namespace

std::vector<Improvement> improvements(const PlanInputs& inputs) {
  std::vector<Improvement> all{{"memory_budget", "+1 GiB", inputs}};
  all.front().inputs.memory_budget += kMoreMemory;
  const bool is_published = inputs.hardware.published.has_value();
  for (const auto& [resource, apply] :
       is_published ? published_speedups() : speedups(inputs.hardware)) {
    all.push_back({resource, "+10 %", inputs});
    apply(all.back().inputs.hardware);
  }
  return all;
}

ShadowPrice shadow_price(const Plan& plan, const Improvement& improvement,
                         const SearchControl& control) {
  Plan kept = plan;
  kept.inputs = improvement.inputs;
  return {.resource = improvement.resource,
          .change = improvement.change,
          .kept = price(kept, build_layer_graph(kept.model)).step,
          .answer = search_again(plan, improvement.inputs, control)};
}

Seconds improved_step(const ShadowPrice& price) {
  return price.answer.plan ? std::min(price.kept, price.answer.plan->predicted.step) : price.kept;
}

}  // namespace galvatron
