#include "test/planner/search/requests.h"

#include "planner/model/model_file.h"
#include "planner/plan/hardware_yaml.h"
#include "planner/plan/runtime_yaml.h"

namespace galvatron {

SearchRequest example_request(const ExampleJob& job) {
  const std::string profiles = GALVATRON_SOURCE_PROFILES;
  const Hardware hardware = read_hardware(profiles + "/" + job.hardware + ".yaml");
  const Precision precision =
      computes_in(hardware, Precision::bf16) ? Precision::bf16 : Precision::fp32;
  return {.model = read_model(profiles + "/../examples/" + job.model + ".yaml").model,
          .job = {.global_batch = job.global_batch, .precision = precision},
          .global_batches = {job.global_batch},
          .inputs = {.hardware = hardware,
                     .runtime = read_runtime(profiles + "/runtimes/galvatron.yaml"),
                     .memory_budget = job.memory_budget}};
}

}  // namespace galvatron
