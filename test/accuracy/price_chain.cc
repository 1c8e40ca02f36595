#include "test/accuracy/price_chain.h"

#include <cmath>
#include <cstdint>
#include <vector>

#include "cost_models/pipeline.h"

namespace galvatron {
namespace {

using Json = nlohmann::ordered_json;

Seconds seconds(const Json& stage, const char* key) { return {stage.at(key).get<double>()}; }

}  // namespace

Json priced_chain(const Json& chain) {
  const std::int64_t micro_batches = chain.at("micro_batches");
  const Json& stages = chain.at("stages");
  Json json;
  std::vector<StageTimes> times;
  Seconds received;  // what the stage before passes on
  for (const Json& stage : stages) {
    const Seconds sent = seconds(stage, "send");
    const Seconds backward = seconds(stage, "backward") + received;
    times.push_back({.micro_batch = seconds(stage, "forward") + sent + backward,
                     .backward = backward,
                     .exposed_sync = seconds(stage, "sync")});
    received = sent;
    const auto in_flight = static_cast<double>(
        micro_batches_in_flight(Schedule::one_f_one_b, static_cast<int>(stages.size()),
                                static_cast<int>(times.size()) - 1, micro_batches));
    json["stages"].push_back({{"parameters", 0},
                              {"gradients", 0},
                              {"optimizer", stage.at("states")},
                              {"activations", in_flight * stage.at("kept").get<double>()},
                              {"transient", stage.at("transient")}});
  }
  json["step_seconds"] = closed_form_time(times, micro_batches, 1).value;
  return json;
}

}  // namespace galvatron
