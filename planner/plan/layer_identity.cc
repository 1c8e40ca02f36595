#include "planner/plan/layer_identity.h"

#include "planner/model/fields_yaml.h"
#include "planner/plan/fingerprint.h"

namespace galvatron {

std::string layer_identity(const Layer& layer) {
  Layer same_cost = layer;
  for (Parameter& parameter : same_cost.parameters) parameter.initialization = {};
  YamlWriter out;
  out.field("tokens_per_sample", layer.tokens_per_sample);
  write_fields(out, same_cost);
  return fingerprint(out.text());
}

}  // namespace galvatron
