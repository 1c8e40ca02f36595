// How the plan must move when model, cluster, budget or space are changed in a known way.
#include <algorithm>
#include <functional>
#include <limits>
#include <map>
#include <sstream>

#include "planner/files/writer.h"
#include "planner/model/hf_config.h"
#include "planner/model/layer_graph.h"
#include "planner/model/model_file.h"
#include "planner/plan/hardware_yaml.h"
#include "planner/plan/plan_yaml.h"
#include "planner/search/plan_search.h"
#include "test/catch.h"
#include "test/planner/files/temporary_folder.h"
#include "test/planner/search/tiny_models.h"

namespace galvatron {
namespace {

SearchRequest request_of(const std::string& family) {
  return {.model = tiny_model(family),
          .job = {.global_batch = 8, .clip_grad_norm = 1.0},
          .global_batches = {8},
          .inputs = tiny_cluster(4)};
}

// Infinite where nothing fits.
double time_of(const SearchRequest& request) {
  const std::optional<Plan> plan = search_plan(request, {}).plan;
  return plan ? plan->predicted.closed_form.value : std::numeric_limits<double>::infinity();
}

Plan plan_of(const SearchRequest& request) { return search_plan(request, {}).plan.value(); }

// The plan of this request needs less memory than another one would like to have.
SearchRequest tight_request_of(const std::string& family) {
  SearchRequest request = request_of(family);
  for (Bytes budget = peak_bytes(plan_of(request));; budget = budget - Bytes{1 << 18}) {
    request.inputs.memory_budget = budget;
    if (!search_plan(request, {}).plan) {
      request.inputs.memory_budget = budget + Bytes{1 << 19};
      return request;
    }
  }
}

bool decides_alike(const Plan& one, const Plan& other) {
  return one.stages == other.stages && one.strategies == other.strategies &&
         one.micro_batches == other.micro_batches && one.schedule == other.schedule;
}

void halve(Seconds& time) { time = time * 0.5; }
void halve(std::optional<Seconds>& time) {
  if (time) halve(*time);
}
template <typename Rate>
void double_rate(Rate& rate) {
  rate = rate * 2.0;
}
template <typename Rate>
void double_rate(std::optional<Rate>& rate) {
  if (rate) double_rate(*rate);
}

void speed_up(Link& link) {
  double_rate(link.rate_per_device);
  double_rate(link.rate_per_node);
  for (auto* rates : {&link.bus, &link.strided_bus}) {
    for (auto& [ranks, rate] : *rates) double_rate(rate);
  }
  halve(link.latency.base);
  halve(link.latency.per_rank);
}

// Everything that takes time takes half of it.
void speed_up(PlanInputs& inputs) {
  Hardware& hardware = inputs.hardware;
  double_rate(hardware.device.memory_rate);
  halve(hardware.device.stream_launch);
  halve(hardware.device.overhead.host_per_launch);
  halve(hardware.device.overhead.host_per_step);
  double_rate(hardware.device.peak[Precision::fp32]);
  halve(hardware.device.product[Precision::fp32]->launch);
  speed_up(hardware.intra_node);
  speed_up(hardware.inter_node);
  halve(inputs.runtime.host_per_launch);
  halve(inputs.runtime.host_per_step);
}

// The layers of a family as a user would list them.
UserModel listed(const Model& model) {
  const LayerGraph graph = build_layer_graph(model);
  UserModel user{.layers = graph.types};
  for (int layer = 0; layer < layer_count(graph); ++layer) {
    const std::string& type = layer_at(graph, layer).type;
    if (user.runs.empty() || user.runs.back().first != type) user.runs.emplace_back(type, 0);
    ++user.runs.back().second;
  }
  return user;
}

// A profile's sections in the opposite order.
std::string turned_around(const std::string& yaml) {
  std::vector<std::string> sections;
  std::istringstream lines(yaml);
  for (std::string line; std::getline(lines, line);) {
    if (line.front() != ' ' || sections.empty()) sections.emplace_back();
    sections.back() += line + "\n";
  }
  std::reverse(sections.begin(), sections.end());
  std::string turned;
  for (const std::string& section : sections) turned += section;
  return turned;
}

}  // namespace

TEST_CASE("a plan with more memory is never slower") {
  for (const std::string& family : tiny_model_names()) {
    SearchRequest request = tight_request_of(family);
    const Bytes least = request.inputs.memory_budget;
    double last = std::numeric_limits<double>::infinity(), first = 0;
    for (int step = 0; step < 12; ++step) {
      request.inputs.memory_budget = least + Bytes{step * (step + 1) << 18};
      const double time = time_of(request);
      INFO(family << " in " << request.inputs.memory_budget.value << " bytes");
      CHECK(time <= last);
      last = time;
      if (step == 0) first = time;
    }
    CHECK(last < first);
  }
}

TEST_CASE("a plan of a smaller space is never faster") {
  const std::vector<AxisRestriction> restrictions{{"pipeline", {"1"}},
                                                  {"pipeline", {"2", "4"}},
                                                  {"micro_batches", {"2", "4"}},
                                                  {"tensor", {"1"}},
                                                  {"data", {"1", "2"}},
                                                  {"order", {"tensor_inner"}},
                                                  {"zero", {"0"}},
                                                  {"zero", {"1", "3"}},
                                                  {"recompute", {"none"}},
                                                  {"recompute", {"full"}},
                                                  {"sequence_parallel", {"false"}},
                                                  {"schedule", {"gpipe"}}};
  int slower = 0;
  for (const std::string& family : tiny_model_names()) {
    const SearchRequest request = tight_request_of(family);
    const double time = time_of(request);
    for (const AxisRestriction& restriction : restrictions) {
      SearchRequest restricted = request;
      restricted.inputs.search.only = {restriction};
      INFO(family << " with " << restriction.axis << " " << restriction.values.front());
      CHECK(time_of(restricted) >= time * (1 - 1e-12));
      slower += time_of(restricted) > time * (1 + 1e-9) ? 1 : 0;
    }
  }
  CHECK(slower > 20);
}

TEST_CASE(
    "on a cluster that is twice as fast in everything the plan is the same in half the time") {
  for (const std::string& family : tiny_model_names()) {
    const SearchRequest request = tight_request_of(family);
    SearchRequest faster = request;
    speed_up(faster.inputs);
    const Plan plan = plan_of(request), plan_on_faster = plan_of(faster);
    INFO(family);
    CHECK(decides_alike(plan, plan_on_faster));
    CHECK(plan_on_faster.predicted.closed_form.value ==
          Approx(plan.predicted.closed_form.value / 2).epsilon(1e-6));
    CHECK(plan_on_faster.predicted.step.value ==
          Approx(plan.predicted.step.value / 2).epsilon(1e-6));
  }
}

TEST_CASE("a family's layers listed one by one have the family's plan") {
  for (const std::string family : {"bert", "gpt2", "llama"}) {
    const SearchRequest request = tight_request_of(family);
    SearchRequest listed_request = request;
    listed_request.model.config = listed(request.model);
    INFO(family);
    const Plan plan = plan_of(request), listed_plan = plan_of(listed_request);
    CHECK(decides_alike(plan, listed_plan));
    CHECK(plan.predicted == listed_plan.predicted);
    CHECK(plan.certificate == listed_plan.certificate);
  }
}

TEST_CASE("equal layers under two names take as long as under one") {
  SearchRequest request = tight_request_of("llama");
  const double time = time_of(request);
  UserModel model = listed(request.model);
  REQUIRE(model.runs[1].second == 2);
  model.layers.push_back(model.layers[1]);
  model.layers.back().type = "twin";
  model.runs[1].second = 1;
  model.runs.insert(model.runs.begin() + 2, {"twin", 1});
  request.model.config = model;
  CHECK(time_of(request) == Approx(time).epsilon(1e-9));
}

TEST_CASE("a model as config.json has the plan of the same model as YAML") {
  const TemporaryFolder folder;
  SearchRequest request = request_of("gpt2");
  request.model = read_model(folder.write("model.yaml",
                                          "family: gpt2\nname: model\nsequence_length: 32\n"
                                          "vocabulary: 64\npositions: 32\nhidden: 32\nlayers: 2\n"
                                          "heads: 4\n"))
                      .model;
  const Plan plan = plan_of(request);
  request.model = read_model(folder.write("config.json",
                                          R"({"model_type": "gpt2", "n_head": 4, "n_layer": 2,
                                              "n_embd": 32, "n_positions": 32, "vocab_size": 64})"))
                      .model;
  request.model.name = "model";
  CHECK(plan_yaml(plan_of(request)) == plan_yaml(plan));
}

TEST_CASE("the order of a profile's sections and of values in --only does not matter") {
  const TemporaryFolder folder;
  YamlWriter out;
  SearchRequest request = request_of("gpt2");
  request.inputs.search.only = {{"tensor", {"1", "2"}}, {"zero", {"0", "3"}}};
  write_hardware(out, request.inputs.hardware);
  const Plan plan = plan_of(request);
  request.inputs.hardware = read_hardware(folder.write("turned.yaml", turned_around(out.text())));
  request.inputs.search.only = {{"zero", {"3", "0"}}, {"tensor", {"2", "1"}}};
  Plan turned = plan_of(request);
  turned.inputs->search = plan.inputs->search;
  CHECK(plan_yaml(turned) == plan_yaml(plan));
}

}  // namespace galvatron
