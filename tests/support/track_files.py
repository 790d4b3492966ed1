"""Holds a small GPX and a small TCX file, written by hand from their schemas."""

GPX = """<?xml version="1.0" encoding="UTF-8"?>
<gpx version="1.1" creator="x" xmlns="http://www.topografix.com/GPX/1/1"
xmlns:t="http://www.garmin.com/xmlschemas/TrackPointExtension/v2">
<metadata><time>2001-01-01T00:00:00Z</time></metadata><trk><name>type</name><type>running</type><trkseg>
<trkpt lat="47.00000" lon="8.0"><ele>400.5</ele><time>2020-01-01T10:00:00+01:00</time>
<extensions><t:TrackPointExtension>
<t:hr>101</t:hr><t:cad>85</t:cad><t:speed>3.25</t:speed><t:course>45</t:course><t:hAcc>4.5</t:hAcc>
</t:TrackPointExtension></extensions></trkpt>
<trkpt lat="47.00003" lon="8.0"><time>2020-01-01T09:00:01.500Z</time></trkpt></trkseg><trkseg>
<trkpt lat="47.00006" lon="8.0"><time>2020-01-01T09:00:09Z</time></trkpt></trkseg></trk></gpx>"""
TCX = """<?xml version="1.0" encoding="UTF-8"?>
<TrainingCenterDatabase xmlns="http://www.garmin.com/xmlschemas/TrainingCenterDatabase/v2">
<Activities><Activity Sport="Running">
<Id>2020-01-01T09:00:00Z</Id><Lap StartTime="2020-01-01T09:00:00Z"><TotalTimeSeconds>2.0</TotalTimeSeconds>
<DistanceMeters>6.5</DistanceMeters><Track><Trackpoint><Time>2020-01-01T09:00:00Z</Time>
<Position><LatitudeDegrees>47.0</LatitudeDegrees>
<LongitudeDegrees>8.0</LongitudeDegrees></Position><AltitudeMeters>400</AltitudeMeters><DistanceMeters>0.0</DistanceMeters>
<HeartRateBpm><Value>120</Value></HeartRateBpm><Extensions>
<TPX xmlns="http://www.garmin.com/xmlschemas/ActivityExtension/v2">
<Speed>3.25</Speed><RunCadence>86</RunCadence></TPX></Extensions></Trackpoint>
<Trackpoint><Time>2020-01-01T09:00:02Z</Time><DistanceMeters>6.5</DistanceMeters></Trackpoint></Track></Lap>
</Activity></Activities>
</TrainingCenterDatabase>"""
START_S = 1577869200.0  # 2020-01-01T09:00:00Z
