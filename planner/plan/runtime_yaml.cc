#include "planner/plan/runtime_yaml.h"

#include "cost_models/runtime_fields.h"
#include "planner/plan/field_yaml.h"

namespace galvatron {

Runtime read_runtime(MapReader& reader) {
  // A name and the precisions must be said; whatever else is left out is as in our own executor.
  Runtime runtime{.name = "", .states = {}, .update = {}};
  read_fields(reader, runtime);
  if (runtime.name.empty()) reader.refuse("name", "is missing");
  for (const auto& [precision, name] : kPrecisionNames) {
    if (runtime.states[precision].has_value() == runtime.update[precision].has_value()) continue;
    reader.refuse("state_bytes", "and update_bytes must name the same precisions, only one has " +
                                     std::string(name));
  }
  reader.finish();
  return runtime;
}

Runtime read_runtime(const std::string& path) {
  const Document document = read_document(path, kRequestLimit);
  ErrorList errors(document.source);
  MapReader reader(document.root, errors);
  Runtime runtime = read_runtime(reader);
  errors.throw_if_any();
  return runtime;
}

void write_runtime(YamlWriter& out, const Runtime& runtime) { write_fields(out, runtime); }

}  // namespace galvatron
