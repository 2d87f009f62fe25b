# Puts the files of a folder into a target (api/web_assets.h), each also packed by gzip where that is
# smaller. Without the folder, or with an empty one, the program has no page.
#
# In a CMakeLists.txt: `embed_web(api web/dist)`. At build time this same file is the script that writes the
# source (`cmake -D DIST=... -D OUT=... -D FILES=... -P`): `.incbin` puts the bytes there as they
# are, which no array of numbers does in reasonable time.
if(NOT CMAKE_SCRIPT_MODE_FILE)
  set(EMBED_WEB_SCRIPT "${CMAKE_CURRENT_LIST_FILE}")
  function(embed_web target folder)
    set(dist "${CMAKE_CURRENT_SOURCE_DIR}/${folder}")
    set(out "${PROJECT_BINARY_DIR}/web_assets/${target}")
    # The build looks for new names each time, and for new contents of the files it knows.
    file(GLOB_RECURSE files RELATIVE "${dist}" CONFIGURE_DEPENDS "${dist}/*")
    list(TRANSFORM files PREPEND "${dist}/" OUTPUT_VARIABLE paths)
    string(REPLACE ";" "|" joined "${files}")
    add_custom_command(
      OUTPUT "${out}/web_assets_embedded.cc"
      COMMAND "${CMAKE_COMMAND}" -D "DIST=${dist}" -D "OUT=${out}" -D "FILES=${joined}"
              -P "${EMBED_WEB_SCRIPT}"
      DEPENDS ${paths} "${EMBED_WEB_SCRIPT}"
      COMMENT "Embedding the web page" VERBATIM)
    target_sources(${target} PRIVATE "${out}/web_assets_embedded.cc")
    set_source_files_properties("${out}/web_assets_embedded.cc" PROPERTIES
      SKIP_UNITY_BUILD_INCLUSION ON)
  endfunction()
  return()
endif()

file(REMOVE_RECURSE "${OUT}/packed")
file(MAKE_DIRECTORY "${OUT}/packed")
set(data "")
set(names "")
set(table "")
set(number 0)

# The bytes of `path` as `symbol`, to `symbol`_end.
function(add_bytes symbol path)
  string(APPEND data
    "asm(\".pushsection .rodata\\n\"\n"
    "    \".balign 16\\n.globl ${symbol}\\n.hidden ${symbol}\\n${symbol}:\\n\"\n"
    "    \".incbin \\\"${path}\\\"\\n\"\n"
    "    \".globl ${symbol}_end\\n.hidden ${symbol}_end\\n${symbol}_end:\\n\"\n"
    "    \".popsection\");\n")
  string(APPEND names "extern const char ${symbol}[], ${symbol}_end[];\n")
  set(data "${data}" PARENT_SCOPE)
  set(names "${names}" PARENT_SCOPE)
endfunction()

string(REPLACE "|" ";" FILES "${FILES}")
foreach(file IN LISTS FILES)
  set(symbol "gnosis_web_${number}")
  add_bytes(${symbol} "${DIST}/${file}")
  file(SHA256 "${DIST}/${file}" sha256)
  set(packed "${OUT}/packed/${number}.gz")
  # -n: no name and time in it, so that the same files give the same program.
  execute_process(COMMAND gzip -9 -n -c "${DIST}/${file}" OUTPUT_FILE "${packed}"
                  COMMAND_ERROR_IS_FATAL ANY)
  file(SIZE "${DIST}/${file}" size)
  file(SIZE "${packed}" packed_size)
  set(gzip "{}")
  if(packed_size LESS size)
    add_bytes(${symbol}_gzip "${packed}")
    set(gzip "Bytes(${symbol}_gzip, ${symbol}_gzip_end)")
  endif()
  string(APPEND table "      {\"${file}\", \"${sha256}\", Bytes(${symbol}, ${symbol}_end), ${gzip}},\n")
  math(EXPR number "${number} + 1")
endforeach()

file(WRITE "${OUT}/web_assets_embedded.cc"
"// Written by cmake/EmbedWeb.cmake.
#include \"api/web_assets.h\"

${data}
extern \"C\" {
${names}}

namespace gnosis {
namespace {
[[maybe_unused]] std::string_view Bytes(const char* begin, const char* end) {
  return {begin, size_t(end - begin)};
}
}  // namespace
std::vector<WebAsset> EmbeddedWebAssets() {
  return {
${table}  };
}
}  // namespace gnosis
")
