"""Who gets what: every route of the product, for every role, with an object of one's own lycée and of another's.

`test_role_matrix.py` really asks for each page; a route that is not here fails until somebody places it. Roles: nobody
signed in; Sonia, manager of the region; Mme Durand, head, Mme Weber, office, M. Meyer, leader of the distribution, and
Karim, technician, all of the lycée that owns the object called "own"; Lina of the repairer's, who sees what she was sent;
Zoé, head of the other lycée, from whom it is hidden.

200 the page · 302 a redirection (a form that is only sent, or the first page of a choice) · 405 a page that only takes
a form · 404 not there, or not yours · log-in the log-in page · 401 no station's token.
"""

TABLE = """
# route                              object  nobody  region  head    office  leader  tech    repair  outsider
accounts:log-in                      -       200     302     302     302     302     302     302     302
accounts:log-out                     -       405     405     405     405     405     405     405     405
set_language                         -       302     302     302     302     302     302     302     302

desk:home                            -       log-in  200     200     200     200     200     200     200
desk:to-do                           -       log-in  200     200     200     200     200     200     200
desk:search                          -       log-in  200     200     200     200     200     404     200
desk:students-csv                    -       log-in  200     200     200     200     404     404     200
desk:school-students                 own     log-in  200     200     200     200     404     404     404
desk:school-students                 other   log-in  200     404     404     404     404     404     200
desk:school-students-csv             own     log-in  200     200     200     200     404     404     404
desk:school-students-csv             other   log-in  200     404     404     404     404     404     200
desk:schools                         -       log-in  200     404     404     404     404     404     404
desk:school                          own     log-in  200     200     200     200     200     404     404
desk:school                          other   log-in  200     404     404     404     404     404     200
desk:directory-new                   -       log-in  200     404     404     404     404     404     404
desk:directory                       region  log-in  200     404     404     404     404     404     404
desk:directory-apply                 region  log-in  405     404     404     404     404     404     404

programme:campaigns                  -       log-in  200     200     200     404     404     404     200
programme:campaign                   region  log-in  200     200     200     404     404     404     200
programme:campaign-new               -       log-in  200     404     404     404     404     404     404
programme:rules-new                  region  log-in  200     404     404     404     404     404     404
programme:rules-publish              region  log-in  405     404     404     404     404     404     404

fleet:devices                        -       log-in  200     200     200     200     200     404     200
fleet:devices-csv                    -       log-in  200     200     200     200     200     404     200
fleet:device                         own     log-in  200     200     200     200     200     404     404
fleet:device                         other   log-in  200     404     404     404     404     404     200

supply:deliveries                    -       log-in  200     404     404     404     404     404     404
supply:note-new                      -       log-in  200     404     404     404     404     404     404
supply:note                          region  log-in  200     404     404     404     404     404     404
supply:note-columns                  region  log-in  200     404     404     404     404     404     404
supply:note-receive                  region  log-in  405     404     404     404     404     404     404
supply:note-state                    region  log-in  200     404     404     404     404     404     404
supply:delivery                      region  log-in  200     404     404     404     404     404     404
supply:refused-lines-csv             region  log-in  200     404     404     404     404     404     404
supply:refused-lines-drop            region  log-in  405     404     404     404     404     404     404
supply:refused-line                  region  log-in  200     404     404     404     404     404     404
supply:refused-line-drop             region  log-in  405     404     404     404     404     404     404
supply:allotments                    -       log-in  200     404     404     404     404     404     404
supply:allotment-new                 -       log-in  200     404     404     404     404     404     404
supply:allotment-check               -       log-in  405     404     404     404     404     404     404
supply:allotment-make                -       log-in  405     404     404     404     404     404     404
supply:allotment                     region  log-in  200     404     404     404     404     404     404

rosters:schools                      -       log-in  200     302     302     302     404     404     302
rosters:region                       -       log-in  200     404     404     404     404     404     404
rosters:batch                        region  log-in  200     404     404     404     404     404     404
rosters:batch-apply                  region  log-in  405     404     404     404     404     404     404
rosters:batch-export                 region  log-in  200     404     404     404     404     404     404
rosters:file-settle                  region  log-in  405     404     404     404     404     404     404
rosters:file-columns                 own     log-in  200     200     200     200     404     404     404
rosters:file-columns                 other   log-in  200     404     404     404     404     404     200
rosters:needs                        -       log-in  200     200     200     404     404     404     200
rosters:needs-csv                    -       log-in  200     200     200     404     404     404     200
rosters:needs-xlsx                   -       log-in  200     200     200     404     404     404     200
rosters:needs-school                 own     log-in  200     200     200     404     404     404     404
rosters:needs-school                 other   log-in  200     404     404     404     404     404     200
rosters:roster                       own     log-in  200     200     200     200     404     404     404
rosters:roster                       other   log-in  200     404     404     404     404     404     200
rosters:import                       own     log-in  200     200     200     200     404     404     404
rosters:import                       other   log-in  200     404     404     404     404     404     200
rosters:import-export                own     log-in  200     200     200     200     404     404     404
rosters:import-export                other   log-in  200     404     404     404     404     404     200
rosters:import-apply                 own     log-in  405     405     405     405     404     404     404
rosters:import-apply                 other   log-in  405     404     404     404     404     404     405
rosters:import-abandon               own     log-in  405     405     405     405     404     404     404
rosters:import-abandon               other   log-in  405     404     404     404     404     404     405
rosters:review-all                   -       log-in  200     200     200     200     404     404     200
rosters:import-export                own     log-in  200     200     200     200     404     404     404
rosters:import-export                other   log-in  200     404     404     404     404     404     200
rosters:review                       own     log-in  200     200     200     200     404     404     404
rosters:review                       other   log-in  200     404     404     404     404     404     200
rosters:rulings                      own     log-in  200     200     200     200     404     404     404
rosters:rulings                      other   log-in  200     404     404     404     404     404     200
rosters:review-rule                  own     log-in  405     405     405     405     404     404     404
rosters:review-rule                  other   log-in  405     404     404     404     404     404     405
rosters:ruling-undo                  own     log-in  405     405     405     405     404     404     404
rosters:ruling-undo                  other   log-in  405     404     404     404     404     404     405
rosters:problem-settle               own     log-in  405     405     405     405     404     404     404
rosters:problem-settle               other   log-in  405     404     404     404     404     404     405
rosters:student                      own     log-in  200     200     200     200     404     404     404
rosters:student                      other   log-in  200     404     404     404     404     404     200
rosters:merge                        own     log-in  200     200     200     200     404     404     404
rosters:merge                        other   log-in  200     404     404     404     404     404     200
rosters:merge-preview                own     log-in  200     200     200     200     404     404     404
rosters:merge-preview                other   log-in  200     404     404     404     404     404     200
rosters:merge-undo                   own     log-in  405     405     405     405     404     404     404
rosters:merge-undo                   other   log-in  405     404     404     404     404     404     405
rosters:takeovers                    -       log-in  200     404     404     404     404     404     404
rosters:takeover-new                 -       log-in  200     404     404     404     404     404     404
rosters:takeover                     region  log-in  200     404     404     404     404     404     404
rosters:takeover-columns             region  log-in  200     404     404     404     404     404     404
rosters:takeover-open                region  log-in  405     404     404     404     404     404     404
rosters:takeover-state               region  log-in  200     404     404     404     404     404     404
rosters:takeover-counts-csv          region  log-in  200     404     404     404     404     404     404
rosters:takeover-lines-csv           region  log-in  200     404     404     404     404     404     404
rosters:takeover-lines-drop          region  log-in  405     404     404     404     404     404     404
rosters:takeover-line                region  log-in  200     404     404     404     404     404     404
rosters:takeover-line-drop           region  log-in  405     404     404     404     404     404     404

distribution:api-day                 -       401     401     401     401     401     401     401     401
distribution:api-contact             -       405     405     405     405     405     405     405     405
distribution:api-scans               -       405     405     405     405     405     405     405     405
distribution:api-journal             -       405     405     405     405     405     405     405     405
distribution:api-v1-day              -       401     401     401     401     401     401     401     401
distribution:api-v1-day-changes      -       401     401     401     401     401     401     401     401
distribution:api-v1-scans            -       405     405     405     405     405     405     405     405
distribution:api-v1-station-workshop -       405     405     405     405     405     405     405     405
distribution:station-start           -       200     200     200     200     200     200     200     200
distribution:station-waiting         own     200     200     200     200     200     200     200     200
distribution:station-waiting         other   200     200     200     200     200     200     200     200
distribution:station-state           own     200     200     200     200     200     200     200     200
distribution:station-state           other   200     200     200     200     200     200     200     200
distribution:station                 -       200     200     200     200     200     200     200     200
distribution:station-worker          -       200     200     200     200     200     200     200     200
distribution:station-manifest        -       200     200     200     200     200     200     200     200
distribution:station-practice        -       200     200     200     200     200     200     200     200
distribution:station-practice-day    -       200     200     200     200     200     200     200     200
distribution:day-list                -       log-in  200     200     200     200     404     404     200
distribution:list-calendar           -       log-in  200     200     200     200     404     404     200
distribution:day-plan                -       log-in  200     404     404     404     404     404     404
distribution:day                     own     log-in  200     200     200     200     404     404     404
distribution:day                     other   log-in  200     404     404     404     404     404     200
distribution:day-freeze              own     log-in  405     405     405     405     404     404     404
distribution:day-freeze              other   log-in  405     404     404     404     404     404     405
distribution:day-follow              own     log-in  405     405     405     405     404     404     404
distribution:day-follow              other   log-in  405     404     404     404     404     404     405
distribution:day-open                own     log-in  405     405     405     405     404     404     404
distribution:day-open                other   log-in  405     404     404     404     404     404     405
distribution:student-list            own     log-in  200     200     200     200     404     404     404
distribution:student-list            other   log-in  200     404     404     404     404     404     200
distribution:walk-up                 own     log-in  404     200     404     200     404     404     404
distribution:walk-up                 other   log-in  404     404     404     404     404     404     200
distribution:walk-up-added           own     log-in  404     200     404     200     404     404     404
distribution:walk-up-added           other   log-in  404     404     404     404     404     404     200
distribution:override                own     log-in  404     200     404     200     404     404     404
distribution:override                other   log-in  404     404     404     404     404     404     200
distribution:take-back               own     log-in  404     405     404     405     404     404     404
distribution:take-back               other   log-in  404     404     404     404     404     404     405
distribution:labels                  own     log-in  200     200     200     200     404     404     404
distribution:labels                  other   log-in  200     404     404     404     404     404     200
distribution:labels-roll             own     log-in  200     200     200     200     404     404     404
distribution:labels-roll             other   log-in  200     404     404     404     404     404     200
distribution:labels-zpl              own     log-in  200     200     200     200     404     404     404
distribution:labels-zpl              other   log-in  200     404     404     404     404     404     200
distribution:charters                own     log-in  200     200     200     200     404     404     404
distribution:charters                other   log-in  200     404     404     404     404     404     200
distribution:sign-off                own     log-in  200     200     200     200     404     404     404
distribution:sign-off                other   log-in  200     404     404     404     404     404     200
distribution:command-card            own     log-in  200     200     200     200     404     404     404
distribution:command-card            other   log-in  200     404     404     404     404     404     200
distribution:operator-cards          own     log-in  200     200     200     200     404     404     404
distribution:operator-cards          other   log-in  200     404     404     404     404     404     200
distribution:site-card               own     log-in  200     200     200     200     404     404     404
distribution:site-card               other   log-in  200     404     404     404     404     404     200
distribution:practice-sheet          own     log-in  200     200     200     200     404     404     404
distribution:practice-sheet          other   log-in  200     404     404     404     404     404     200
distribution:control-room            own     log-in  200     200     200     200     404     404     404
distribution:control-room            other   log-in  200     404     404     404     404     404     200
distribution:wall                    own     log-in  200     200     200     200     404     404     404
distribution:wall                    other   log-in  200     404     404     404     404     404     200
distribution:station-accept          own     log-in  404     405     404     405     404     404     404
distribution:station-accept          other   log-in  404     404     404     404     404     404     405
distribution:station-revoke          own     log-in  404     405     404     405     404     404     404
distribution:station-revoke          other   log-in  404     404     404     404     404     404     405
distribution:review-decide           own     log-in  404     405     404     405     404     404     404
distribution:review-decide           other   log-in  404     404     404     404     404     404     405
distribution:journal                 own     log-in  404     200     404     200     404     404     404
distribution:journal                 other   log-in  404     404     404     404     404     404     200
distribution:region-disputes         -       log-in  200     200     200     200     404     404     200
distribution:disputes                own     log-in  200     200     200     200     404     404     404
distribution:disputes                other   log-in  200     404     404     404     404     404     200
distribution:dispute                 own     log-in  200     200     200     200     404     404     404
distribution:dispute                 other   log-in  200     404     404     404     404     404     200
distribution:exchange                own     log-in  404     200     404     200     404     404     404
distribution:exchange                other   log-in  404     404     404     404     404     404     200
distribution:reentry                 own     log-in  404     200     404     200     404     404     404
distribution:reentry                 other   log-in  404     404     404     404     404     404     200
distribution:reentry-sheet           own     log-in  404     405     404     405     404     404     404
distribution:reentry-sheet           other   log-in  404     404     404     404     404     404     405
distribution:reentry-undo            own     log-in  404     405     404     405     404     404     404
distribution:reentry-undo            other   log-in  404     404     404     404     404     404     405
distribution:closing                 own     log-in  200     200     200     200     404     404     404
distribution:closing                 other   log-in  200     404     404     404     404     404     200
distribution:leftover                own     log-in  404     302     404     302     404     404     404
distribution:leftover                other   log-in  404     404     404     404     404     404     302
distribution:close                   own     log-in  404     302     404     302     404     404     404
distribution:close                   other   log-in  404     404     404     404     404     404     302
distribution:report                  own     log-in  200     200     200     200     404     404     404
distribution:report                  other   log-in  200     404     404     404     404     404     200

emergency_stock:reserves             -       log-in  200     302     302     302     302     404     302
emergency_stock:reserve              own     log-in  200     200     200     200     200     404     404
emergency_stock:reserve              other   log-in  200     404     404     404     404     404     200
emergency_stock:undo                 own     log-in  404     405     405     404     405     404     404
emergency_stock:undo                 other   log-in  404     404     404     404     404     404     405
emergency_stock:hand-over            -       log-in  404     200     200     404     200     404     200
emergency_stock:hand-over-do         -       log-in  404     405     405     404     405     404     405
"""
