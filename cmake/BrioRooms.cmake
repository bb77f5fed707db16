# One object library per room; BRIO_OBJECTS_<room> holds the objects of the
# room and of every room below it, BRIO_LIBS_<room> the libraries they need.
find_package(Threads REQUIRED)
find_package(PkgConfig REQUIRED)

set(room_needs_model "")
set(room_needs_db "")
set(room_defs_model "")
set(room_defs_db "")
set(BRIO_PC_REQUIRES "")
if(BRIO_PCRE2)
  pkg_check_modules(PCRE2 REQUIRED IMPORTED_TARGET libpcre2-8)
  set(room_needs_model PkgConfig::PCRE2)
  set(room_defs_model BRIO_WITH_PCRE2=1)
  list(APPEND BRIO_PC_REQUIRES libpcre2-8)
endif()
if(BRIO_SQLITE)
  pkg_check_modules(SQLITE3 REQUIRED IMPORTED_TARGET sqlite3)
  set(room_needs_db PkgConfig::SQLITE3)
  set(room_defs_db BRIO_WITH_SQLITE=1)
  list(APPEND BRIO_PC_REQUIRES sqlite3)
endif()

set(below_objects "")
set(below_libs Threads::Threads m)
foreach(room IN LISTS BRIO_ROOMS)
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/src/${room}/*.c
                                      ${CMAKE_CURRENT_SOURCE_DIR}/src/${room}/*.S)
  list(APPEND below_libs ${room_needs_${room}})
  if(sources)
    add_library(brio_${room} OBJECT ${sources})
    target_include_directories(brio_${room}
      PUBLIC $<BUILD_INTERFACE:${CMAKE_CURRENT_SOURCE_DIR}/include>
      PRIVATE ${CMAKE_CURRENT_SOURCE_DIR}/src)
    target_link_libraries(brio_${room} PRIVATE brio_flags Threads::Threads ${room_needs_${room}})
    target_compile_definitions(brio_${room} PRIVATE
      BRIO_VERSION_TEXT="${PROJECT_VERSION}" ${room_defs_${room}})
    list(APPEND below_objects $<TARGET_OBJECTS:brio_${room}>)
  endif()
  set(BRIO_OBJECTS_${room} ${below_objects})
  set(BRIO_LIBS_${room} ${below_libs})
endforeach()
set(BRIO_OBJECTS ${below_objects})
set(BRIO_LIBS ${below_libs})
