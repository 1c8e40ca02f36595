#include "planner/plan/model_profile_yaml.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>

#include "cost_models/model_profile_fields.h"
#include "planner/plan/field_yaml.h"

namespace galvatron {
namespace {

constexpr int kVersion = 1;

bool ascends(const std::vector<std::int64_t>& samples) {
  return !samples.empty() && samples.front() >= 1 &&
         std::is_sorted(samples.begin(), samples.end(), std::less_equal<>());
}

void check_lists(MapReader& reader, const ProfiledLayer& layer) {
  if (layer.type.empty()) reader.refuse("type", "is missing");
  if (!ascends(layer.samples)) {
    return reader.refuse("samples", "must ascend from 1 or more");
  }
  const std::size_t sizes = layer.samples.size();
  const auto check = [&](const char* key, bool fits) {
    if (!fits) {
      reader.refuse(key,
                    fmt::format("must hold as many values as samples ({}), all positive", sizes));
    }
  };
  check("forward", covers(layer.forward, sizes));
  check("backward", covers(layer.backward, sizes));
  if (layer.selective) {
    check("selective_recompute", layer.selective->median.size() == sizes);
  }
}

// Calls `check` with each layer and the reader that stands at it.
using LayerCheck = std::function<void(MapReader&, const ProfiledLayer&)>;

ModelProfile read_profile(MapReader& reader, const LayerCheck& check) {
  ModelProfile profile;
  const auto read_layer = [&](MapReader& item) {
    ProfiledLayer& layer = profile.layers.emplace_back();
    read_fields(item, layer);
    item.finish();
    check_lists(item, layer);
    if (!item.has_errors()) check(item, layer);
  };
  const int version = reader.required<int>("version");
  if (version != kVersion && !reader.has_errors()) {
    reader.refuse("version", fmt::format("must be {}, got {}", kVersion, version));
  }
  read_field(reader, "model", profile.model);
  read_field(reader, "device", profile.device);
  read_field(reader, "precision", profile.precision);
  read_field(reader, "dropout", profile.dropout);
  read_field(reader, "origin", profile.origin);
  for (MapReader& item : reader.required_maps("layers")) read_layer(item);
  reader.finish();
  return profile;
}

}  // namespace

ModelProfile read_model_profile(MapReader& reader) {
  return read_profile(reader, [](MapReader&, const ProfiledLayer&) {});
}

ModelProfile read_model_profile(const std::string& path, const ProfiledJob& job) {
  const Document document = read_document(path, kPlanLimit);
  ErrorList errors(document.source);
  MapReader reader(document.root, errors);
  const ModelProfile profile =
      read_profile(reader, [&job](MapReader& item, const ProfiledLayer& layer) {
        const std::string mismatch = layer_mismatch(layer, job.graph);
        if (!mismatch.empty()) item.refuse("identity", mismatch);
      });
  if (errors.empty()) {
    const ProfileMismatch mismatch = profile_mismatch(profile, job);
    if (!mismatch.key.empty()) reader.refuse(mismatch.key, mismatch.message);
  }
  errors.throw_if_any();
  return profile;
}

void write_model_profile(YamlWriter& out, const ModelProfile& profile) {
  out.field("version", kVersion);
  write_fields(out, profile);
}

std::string model_profile_yaml(const ModelProfile& profile) {
  YamlWriter out;
  write_model_profile(out, profile);
  return out.text();
}

}  // namespace galvatron
